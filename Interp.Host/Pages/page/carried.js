/**
 * A model as tables between tokens: what paths write for each token at their beginning, what heads' queries and keys make of that, and the terms
 * of scores. A path is the heads on it, "0.1>1.3", the first of them first, and empty for the embedding itself; "pos" is the position vectors.
 */
const Carried = (() => {
  const headsOf = (path) => (path === "" ? [] : path.split(">"));

  const layerOf = (head) => Number(head.split(".")[0]);

  const weights = (M, head) => {
    const [layer, number] = head.split(".").map(Number);
    const block = M.blocks[layer];
    return { Q: block.W_Q[number], K: block.W_K[number], V: block.W_V[number], O: block.W_O[number], smear: block.smear?.[number], smearQueries: block.smearQueries?.[number] };
  };

  /** What a path writes to the stream for each token: [vocab, d_model] */
  const written = (M, path) =>
    Once.of(M, `written ${path}`, () => {
      const heads = headsOf(path);
      if (heads.length === 0) return M.W_E;
      const a = M.architecture;
      const w = weights(M, heads.at(-1));
      const value = Linear.multiply(written(M, heads.slice(0, -1).join(">")), w.V, a.d_vocab, a.d_model, a.d_head);
      return Linear.multiply(value, w.O, a.d_vocab, a.d_head, a.d_model);
    });

  /** The logits that a path adds for each token at its beginning. */
  const logits = (M, path) =>
    Once.of(M, `logits ${path}`, () => {
      const a = M.architecture;
      return { rows: a.d_vocab, columns: a.d_vocab, values: Linear.multiply(written(M, path), M.W_U, a.d_vocab, a.d_model, a.d_vocab) };
    });

  /** What a head's query ("Q") or key ("K") makes of a path's tokens, or of positions: [vocab or n_ctx, d_head] */
  const vectors = (M, head, matrix, end) =>
    Once.of(M, `${matrix} ${head} ${end}`, () => {
      const a = M.architecture;
      const w = weights(M, head)[matrix];
      const of = (x, count) => ({ rows: count, columns: a.d_head, values: Linear.multiply(x, w, count, a.d_model, a.d_head) });
      if (end !== "pos") return of(written(M, end), a.d_vocab);
      if (M.W_pos !== null) return of(M.W_pos, a.n_ctx);
      return { rows: a.n_ctx, columns: a.d_head, values: Forward.positionCode(a.n_ctx, a.d_head) };
    });

  /** A term of a head's scores, between what its query and its key read, over sqrt(d_head). */
  const score = (M, head, queryEnd, keyEnd) =>
    Once.of(M, `score ${head} ${queryEnd} ${keyEnd}`, () => {
      const [q, k] = [vectors(M, head, "Q", queryEnd), vectors(M, head, "K", keyEnd)];
      const values = Linear.multiplyTransposed(q.values, k.values, q.rows, q.columns, k.rows);
      return { rows: q.rows, columns: k.rows, values: values.map((x) => x / Math.sqrt(q.columns)) };
    });

  /** Whether position vectors are a term of scores. */
  const havePositions = (a) => a.positions === "study" || a.positions === "standard";

  const names = (a, layer) => Array.from({ length: a.n_heads }, (_, number) => `${layer}.${number}`);

  /** All paths through heads of layers before one, that of no heads first. */
  const paths = (a, layer) => {
    let all = [""];
    for (let each = 0; each < layer; each++) {
      all = [...all, ...all.flatMap((path) => names(a, each).map((head) => (path === "" ? head : `${path}>${head}`)))];
    }
    return all;
  };

  /**
   * What tokens along all paths through heads before a layer come to, where a path has a table {rows: vocab, columns, values}.
   * @param {function(string): Float64Array} pattern a head's [pos, pos]
   * @param {function(string): ?object} table a path's
   * @returns {?{columns: number, values: Float64Array}} [pos, columns]; null where no path has a table
   */
  const carry = (a, tokens, layer, pattern, table) => {
    const arrive = (path, before) => {
      const own = table(path);
      let sum = own === null ? null : { columns: own.columns, values: Linear.rows(own.values, tokens, own.columns) };
      for (let earlier = 0; earlier < before; earlier++) {
        for (const head of names(a, earlier)) {
          const values = arrive(path === "" ? head : `${head}>${path}`, earlier);
          if (values === null) continue;
          const moved = Linear.mix(pattern(head), values.values, tokens.length, values.columns);
          sum = { columns: values.columns, values: Linear.add(sum?.values ?? null, moved) };
        }
      }
      return sum;
    };
    return arrive("", layer);
  };

  return { headsOf, layerOf, weights, logits, vectors, score, havePositions, names, paths, carry };
})();
