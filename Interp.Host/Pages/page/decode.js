/** The page's data: numbers that were packed as base64url, and a model's weights at a snapshot. */
const Decode = (() => {
  const bytes = (text) => {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const all = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) all[i] = binary.charCodeAt(i);
    return all;
  };

  /** @param {string} text packed single-precision numbers @returns {Float64Array} the same numbers */
  const floats = (text) => {
    const packed = bytes(text);
    const view = new DataView(packed.buffer);
    const all = new Float64Array(packed.length / 4);
    for (let i = 0; i < all.length; i++) all[i] = view.getFloat32(4 * i, true);
    return all;
  };

  /** @param {string} text packed tokens of two bytes each @returns {Uint16Array} the tokens */
  const tokens = (text) => {
    const packed = bytes(text);
    const view = new DataView(packed.buffer);
    const all = new Uint16Array(packed.length / 2);
    for (let i = 0; i < all.length; i++) all[i] = view.getUint16(2 * i, true);
    return all;
  };

  let parsed = null;

  /** @returns {object} what the program wrote for this page; read once */
  const data = () => {
    if (parsed !== null) return parsed;
    parsed = JSON.parse(document.getElementById("interp-data").textContent);
    // The texts of an earlier model, where they are the same.
    for (const model of parsed.models) if (model.texts?.as !== undefined) model.texts = parsed.models[model.texts.as].texts;
    return parsed;
  };

  /** The leaves of a model in the order in which they are packed, each head's own matrices apart. */
  const weights = (a, all) => {
    let place = 0;
    const take = (count) => all.subarray(place, (place += count));
    const perHead = (count) => Array.from({ length: a.n_heads }, () => take(count));
    const shares = () => perHead(a.n_ctx - 1).map((logits) => logits.map((x) => 1 / (1 + Math.exp(-x))));
    const W_E = take(a.d_vocab * a.d_model);
    const W_pos = a.positions === "standard" ? take(a.n_ctx * a.d_model) : null;
    const blocks = [];
    for (let layer = 0; layer < a.n_layers; layer++) {
      const [W_Q, W_K, W_V, W_O] = [0, 1, 2, 3].map(() => perHead(a.d_model * a.d_head));
      const smear = a.smear === "keys" || a.smear === "both" ? shares() : null;
      const smearQueries = a.smear === "queries" || a.smear === "both" ? shares() : null;
      blocks.push({ W_Q, W_K, W_V, W_O, smear, smearQueries });
    }
    return { W_E, W_pos, blocks, W_U: take(a.d_model * a.d_vocab) };
  };

  // Of a training, so many snapshots stay, with all that is made of them: of all together the tables would fill the memory.
  const most = 8;
  const known = new Map();

  /**
   * A model at one of its snapshots.
   * @returns {{architecture: object, W_E: Float64Array, W_pos: ?Float64Array, blocks: object[], W_U: Float64Array,
   *   means: function(number, number): ?Float64Array, explanations: object[], raw: object}} W_E [vocab, d_model], W_pos [n_ctx, d_model],
   *   of a block W_Q, W_K, W_V [head] of [d_model, d_head], W_O [head] of [d_head, d_model], smear and smearQueries [head] of the shares
   *   [n_ctx - 1] that a position keeps of its own, W_U [d_model, vocab]; means(layer, head) are [task's length, d_head]
   */
  const snapshot = (model, index) => {
    const raw = model.snapshots[index];
    let M = known.get(raw);
    if (M === undefined) {
      const a = model.architecture;
      let means = null;
      const meansOf = (layer, head) => {
        if (raw.means === null) return null;
        means ??= floats(raw.means);
        const size = model.task.length * a.d_head;
        const first = (layer * a.n_heads + head) * size;
        return means.subarray(first, first + size);
      };
      const explanations = model.explanations.map((said, i) => ({ ...said, kept: raw.explanations[i] }));
      const averages = raw.averages.map((text) => ({ length: model.task.length, values: floats(text) }));
      M = { architecture: a, ...weights(a, floats(raw.weights)), means: meansOf, meanLength: model.task?.length, explanations, averages, raw };
    }
    known.delete(raw);
    known.set(raw, M);
    if (known.size > most) known.delete(known.keys().next().value);
    return M;
  };

  return { data, snapshot, tokens };
})();
