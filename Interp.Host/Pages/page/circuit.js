/** Circuits between tokens, from a snapshot's weights. */
const Circuit = (() => {
  const make = (M, { kind, layer, head }) => {
    const a = M.architecture;
    const [vocab, model, width] = [a.d_vocab, a.d_model, a.d_head];
    const block = M.blocks[layer];
    const ov = (number) => {
      const values = Linear.multiply(M.W_E, block.W_V[number], vocab, model, width);
      return Linear.multiply(Linear.multiply(values, block.W_O[number], vocab, width, model), M.W_U, vocab, model, vocab);
    };
    switch (kind) {
      case "direct":
        return Linear.multiply(M.W_E, M.W_U, vocab, model, vocab);
      case "ov":
        return ov(head);
      case "ov_sum":
        return block.W_V.map((_, number) => ov(number)).reduce(Linear.add);
      case "qk": {
        const queries = Linear.multiply(M.W_E, block.W_Q[head], vocab, model, width);
        const keys = Linear.multiply(M.W_E, block.W_K[head], vocab, model, width);
        return Linear.multiplyTransposed(queries, keys, vocab, width, vocab);
      }
      default:
        throw new Error(`There is no circuit ${kind}.`);
    }
  };

  const known = new WeakMap();

  /**
   * A circuit's table, made once: "direct" W_E W_U, "ov" W_E W_V W_O W_U, "ov_sum" of all heads of a layer, "qk" W_E W_Q W_K^T W_E^T.
   * @returns {Float64Array} [vocab (source or query), vocab (logit or key)]
   */
  const table = (M, circuit) => {
    if (!known.has(M)) known.set(M, new Map());
    const key = `${circuit.kind} ${circuit.layer}.${circuit.head}`;
    const tables = known.get(M);
    if (!tables.has(key)) tables.set(key, make(M, circuit));
    return tables.get(key);
  };

  return { table };
})();
