/** Circuits in words. */
const CircuitWords = (() => {
  // So many tokens a sentence names, each way.
  const named = 3;

  const strongest = (table, row, vocab, sign) => {
    const found = [];
    for (let j = 0; j < vocab; j++) if (sign * table[row * vocab + j] > 0) found.push(j);
    return found.sort((a, b) => sign * (table[row * vocab + b] - table[row * vocab + a])).slice(0, named);
  };

  const each = (model, table, row, tokens, write) =>
    Dom.list(tokens.map(token => write(Tokens.name(model, token), table[row * model.architecture.d_vocab + token])));

  /**
   * A row of a circuit: "attending to A raises A by 4.1 and B by 0.9; lowers C by 0.3"; of QK "a query at A looks for …".
   * @param {object} model
   * @param {{ kind: string, layer: number|null, head: number|null }} circuit
   * @param {Float64Array} table [vocab * vocab]
   * @param {number} row a token
   */
  const row = (model, circuit, table, row) => {
    const vocab = model.architecture.d_vocab, token = Tokens.name(model, row);
    const [up, down] = [strongest(table, row, vocab, 1), strongest(table, row, vocab, -1)];
    const via = circuit.via ? `${circuit.via.layer}.${circuit.via.head}` : "";
    const digits = Mapping.digitsFor(Math.max(...[up[0], down[0]].map(token => (token === undefined ? 0 : Math.abs(table[row * vocab + token])))));
    if (circuit.kind === "qk") {
      const looks = up.length ? `looks for ${each(model, table, row, up, (name, value) => `${name} (${Dom.signed(value, digits)})`)}` : "looks for no token";
      const query = circuit.via?.input === "q" ? `${token} that ${via} moved there` : token;
      const keys = circuit.via?.input === "k" ? `, as ${via} moved them` : "";
      const away = down.length ? `; away from ${each(model, table, row, down, (name, value) => `${name} (${Dom.fixed(value, digits)})`)}` : "";
      return `A query at ${query} ${looks}${away}${keys}.`;
    }
    const start = circuit.kind === "direct" ? `Reading ${token}, without any head,`
      : circuit.kind === "ov_sum" ? `All heads of layer ${circuit.layer} attending to ${token}, together,`
        : circuit.via ? `Attending to where ${via} attended to ${token}` : `Attending to ${token}`;
    const many = circuit.kind === "ov_sum" ? "" : "s";
    const raises = up.length ? ` raise${many} ${each(model, table, row, up, (name, value) => `${name} by ${Dom.fixed(value, digits)}`)}` : ` raise${many} no token`;
    const lowers = down.length ? `; lower${many} ${each(model, table, row, down, (name, value) => `${name} by ${Dom.fixed(-value, digits)}`)}` : "";
    return `${start}${raises}${lowers}.`;
  };

  /** One entry of a circuit. */
  const entry = (model, circuit, table, row, column) => {
    const value = table[row * model.architecture.d_vocab + column], [from, to] = [Tokens.name(model, row), Tokens.name(model, column)];
    if (circuit.kind === "qk") return `${from} looking for ${to}: ${Dom.signed(value, Mapping.digitsFor(Math.abs(value), 3))}`;
    return `${from} read, ${to} ${value >= 0 ? "raised" : "lowered"} by ${Dom.fixed(Math.abs(value), Mapping.digitsFor(Math.abs(value), 3))}`;
  };

  /** What the diagonal of a circuit shows. */
  const diagonal = (model, circuit, table) => {
    const vocab = model.architecture.d_vocab;
    let positive = 0, largest = 0, own = 0, others = 0;
    for (let i = 0; i < vocab; i++) {
      let first = true;
      for (let j = 0; j < vocab; j++) {
        if (i === j) continue;
        others += table[i * vocab + j];
        if (table[i * vocab + j] >= table[i * vocab + i]) first = false;
      }
      own += table[i * vocab + i];
      if (table[i * vocab + i] > 0) positive++;
      if (first) largest++;
    }
    const means = `mean ${Dom.fixed(own / vocab)} on it, ${Dom.fixed(others / Math.max(1, vocab * (vocab - 1)))} beside it`;
    const most = circuit.kind === "qk" ? `${largest} of ${vocab} tokens look for themselves the most` : `${largest} of ${vocab} tokens raise themselves the most`;
    return `${positive} of ${vocab} entries on the diagonal are positive (${means}); ${most}.`;
  };

  const address = circuit => `${circuit.layer}.${circuit.head}`;

  const through = circuit => (circuit.via ? `, ${Composed.inputs[circuit.via.input]} through ${circuit.via.layer}.${circuit.via.head}` : "");

  /** A circuit's name: "OV of head 0.1", "QK of head 1.2, keys through 0.1" */
  const title = circuit => own(circuit) + through(circuit);
  const own = circuit => circuit.kind === "direct" ? "Direct path"
    : circuit.kind === "ov" ? `OV of head ${address(circuit)}` : circuit.kind === "qk" ? `QK of head ${address(circuit)}` : `OV of layer ${circuit.layer}, heads summed`;

  /** The product of weights: { product, meaning }, in plain text; the meaning says what of the model it leaves out. */
  const meaning = (model, circuit) => {
    const a = model.architecture;
    const smeared = a.smear && a.smear !== "none";
    if (circuit.via) {
      const earlier = `head ${circuit.via.layer}.${circuit.via.head}`;
      if (circuit.kind === "ov") return { product: "W_E W_OV W_V W_O W_U", meaning: `of the virtual head, what attending to a place adds to the logits by what ${earlier} (W_OV) brought there.` };
      return circuit.via.input === "k"
        ? { product: "W_E W_Q W_Kᵀ W_OVᵀ W_Eᵀ", meaning: `how strongly a token as query looks for a place to which ${earlier} (W_OV) brought a token, before the scale of 1/√d_head and the softmax.` }
        : { product: "W_E W_OV W_Q W_Kᵀ W_Eᵀ", meaning: `how strongly a place to which ${earlier} (W_OV) brought a token looks for a token as key, before the scale of 1/√d_head and the softmax.` };
    }
    if (circuit.kind === "direct") return { product: "W_E W_U", meaning: "what a token alone, past every head, adds to the logits of the next one." };
    if (circuit.kind === "ov") return { product: "W_E W_V W_O W_U", meaning: `what attending to a token adds to the logits${circuit.layer > 0 ? ", of what the embedding itself wrote there" : ""}.` };
    if (circuit.kind === "ov_sum") return { product: "Σ W_E W_V W_O W_U", meaning: "what all heads of the layer add when all of them attend to a token." };
    const more = [
      circuit.layer > 0 ? "of what the embedding itself wrote" : "", a.positions === "rotary" ? "at no distance" : a.positions !== "none" ? "positions aside" : "",
      smeared ? "before smearing" : "",
    ].filter(Boolean);
    return { product: "W_E W_Q W_Kᵀ W_Eᵀ", meaning: `how strongly a token as query looks for a token as key, before the scale of 1/√d_head and the softmax${more.length ? `; ${more.join(", ")}` : ""}.` };
  };

  return { row, entry, diagonal, title, meaning, address };
})();
