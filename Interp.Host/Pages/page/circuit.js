/** Circuits between tokens, from a snapshot's weights; through two heads, too, of which the later one reads what the earlier one moved (Elhage et al. 2021). */
const Circuit = (() => {
  const nameOf = ({ layer, head }) => `${layer}.${head}`;

  const sumOf = (M, layer) => Once.of(M, `sum ${layer}`, () =>
    Carried.names(M.architecture, layer).reduce((sum, head) => Linear.add(sum, Carried.logits(M, head).values), null));

  const scores = (M, head, query, key) => Once.of(M, `qk ${head} ${query} ${key}`, () => {
    const [q, k] = [Carried.vectors(M, head, "Q", query), Carried.vectors(M, head, "K", key)];
    return Linear.multiplyTransposed(q.values, k.values, q.rows, q.columns, k.rows);
  });

  /**
   * A circuit's table, made once: "direct" W_E W_U, "ov" W_E W_V W_O W_U, "ov_sum" of all heads of a layer, "qk" W_E W_Q W_K^T W_E^T. Through an earlier
   * head, W_OV being its: of keys W_E W_Q W_K^T W_OV^T W_E^T, of queries W_E W_OV W_Q W_K^T W_E^T, of values the virtual head W_E W_OV W_V W_O W_U.
   * @param {object} M a snapshot
   * @param {{ kind: string, layer: number|null, head: number|null, via?: { input: "q" | "k" | "v", layer: number, head: number }|null }} circuit
   * @returns {Float64Array} [vocab (source or query), vocab (logit or key)]; not to be changed
   */
  const table = (M, circuit) => {
    const { kind, layer, via } = circuit;
    const head = nameOf(circuit);
    const earlier = via ? nameOf(via) : "";
    switch (kind) {
      case "direct":
        return Carried.logits(M, "").values;
      case "ov":
        return Carried.logits(M, via ? `${earlier}>${head}` : head).values;
      case "ov_sum":
        return sumOf(M, layer);
      case "qk":
        return scores(M, head, via?.input === "q" ? earlier : "", via?.input === "k" ? earlier : "");
      default:
        throw new Error(`There is no circuit ${kind}.`);
    }
  };

  return { table };
})();
