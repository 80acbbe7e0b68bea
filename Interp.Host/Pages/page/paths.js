/** The logits as an exact sum over paths through the heads' values, patterns held fixed (Elhage et al. 2021). */
const Paths = (() => {
  /** What each source writes to the stream: [pos, d_model] */
  const sources = (M, tokens) => {
    const a = M.architecture;
    const all = [{ source: "embedding", heads: [], written: Linear.rows(M.W_E, tokens, a.d_model) }];
    if (M.W_pos !== null) all.push({ source: "positions", heads: [], written: M.W_pos.subarray(0, tokens.length * a.d_model) });
    return all;
  };

  /** x [pos, d_model] through the values of a head: [pos, d_model] */
  const through = (M, layer, head, x, length) => {
    const a = M.architecture;
    const block = M.blocks[layer];
    const value = Linear.multiply(x, block.W_V[head], length, a.d_model, a.d_head);
    return Linear.multiply(value, block.W_O[head], length, a.d_head, a.d_model);
  };

  /**
   * All paths, direct ones first; their logits sum to the run's where no head writes something else and nothing is cut.
   * @returns {{heads: {layer: number, head: number}[], source: string, logits: Float64Array}[]} logits [pos, vocab]
   */
  const of = (M, tokens, run) => {
    const a = M.architecture;
    const length = tokens.length;
    let paths = sources(M, tokens);
    for (let layer = 0; layer < a.n_layers; layer++) {
      const longer = [];
      for (const path of paths) {
        for (let head = 0; head < a.n_heads; head++) {
          const moved = Linear.mix(run.patterns[layer][head], path.written, length, a.d_model);
          longer.push({ source: path.source, heads: [...path.heads, { layer, head }], written: through(M, layer, head, moved, length) });
        }
      }
      paths = [...paths, ...longer];
    }
    return paths.map(({ source, heads, written }) => ({ heads, source, logits: Linear.multiply(written, M.W_U, length, a.d_model, a.d_vocab) }));
  };

  /**
   * What each position, at the beginning of a path, adds to the logits at its end.
   * @returns {Float64Array} [source pos, vocab]; summed over source positions the path's logits at `position`
   */
  const bySource = (M, tokens, run, path, position) => {
    const a = M.architecture;
    const length = tokens.length;
    let shares = new Float64Array(length);
    shares[position] = 1;
    for (const { layer, head } of [...path.heads].reverse()) {
      const pattern = run.patterns[layer][head];
      const before = new Float64Array(length);
      for (let query = 0; query < length; query++) {
        for (let key = 0; key <= query; key++) before[key] += shares[query] * pattern[query * length + key];
      }
      shares = before;
    }
    let { written } = sources(M, tokens).find(({ source }) => source === path.source);
    for (const { layer, head } of path.heads) written = through(M, layer, head, written, length);
    const logits = Linear.multiply(written, M.W_U, length, a.d_model, a.d_vocab);
    return logits.map((logit, i) => shares[Math.floor(i / a.d_vocab)] * logit);
  };

  return { of, bySource };
})();
