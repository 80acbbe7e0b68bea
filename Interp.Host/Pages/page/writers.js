/** The logits at a position as a sum over what wrote to the stream: what a head writes is one term, whatever it read. */
const Writers = (() => {
  const add = (into, row, weights, rows, width) => {
    for (let i = 0; i < rows; i++) {
      if (row[i] === 0) continue;
      for (let j = 0; j < width; j++) into[j] += row[i] * weights[i * width + j];
    }
    return into;
  };

  const unembed = (M, written) => add(new Float64Array(M.architecture.d_vocab), written, M.W_U, M.architecture.d_model, M.architecture.d_vocab);

  const throughHead = (M, layer, head, z) => {
    const { d_model, d_head } = M.architecture;
    return unembed(M, add(new Float64Array(d_model), z, M.blocks[layer].W_O[head], d_head, d_model));
  };

  /**
   * The terms at a position; they sum to the run's logits there under every intervention, as they are what was written.
   * @returns {{ source: string, heads: { layer: number, head: number }[], logits: Float64Array }[]} logits [vocab]
   */
  const of = (M, tokens, run, position) => {
    const { d_model, d_head, n_layers, n_heads } = M.architecture;
    const row = (table, i) => table.subarray(i * d_model, (i + 1) * d_model);
    const terms = [{ source: "embedding", heads: [], logits: unembed(M, row(M.W_E, tokens[position])) }];
    if (M.W_pos !== null) terms.push({ source: "positions", heads: [], logits: unembed(M, row(M.W_pos, position)) });
    for (let layer = 0; layer < n_layers; layer++) {
      for (let head = 0; head < n_heads; head++) {
        const z = run.z[layer][head].subarray(position * d_head, (position + 1) * d_head);
        terms.push({ source: "embedding", heads: [{ layer, head }], logits: throughHead(M, layer, head, z) });
      }
    }
    return terms;
  };

  /**
   * What each position that a head looked at added through it to the logits at a position.
   * @returns {Float64Array} [source pos, vocab]; it sums to the head's term where the head mixes its values by its pattern, as it does unless it is
   * ablated
   */
  const bySource = (M, run, { layer, head }, position) => {
    const { d_head, d_vocab } = M.architecture;
    const all = new Float64Array(run.length * d_vocab);
    for (let key = 0; key <= position; key++) {
      const share = run.patterns[layer][head][position * run.length + key];
      const value = run.values[layer][head].subarray(key * d_head, (key + 1) * d_head);
      all.set(throughHead(M, layer, head, value).map(logit => share * logit), key * d_vocab);
    }
    return all;
  };

  return { of, bySource };
})();
