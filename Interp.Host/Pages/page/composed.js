/** Circuits through two heads: a later head that reads, as keys, queries or values, what an earlier one moved (Elhage et al. 2021). */
const Composed = (() => {
  const inputsOf = { qk: ["k", "q"], ov: ["v"] };
  const form = /^([qkv])\.(\d+)\.(\d+)$/;

  /** Every way a circuit can read an earlier head: { input: "q" | "k" | "v", layer, head }[]; none for those of no head or of the first layer. */
  const ways = (a, circuit) => (inputsOf[circuit.kind] ?? []).flatMap(input =>
    Array.from({ length: circuit.layer * a.n_heads }, (_, i) => ({ input, layer: Math.floor(i / a.n_heads), head: i % a.n_heads })));

  /** A way as the page's state keeps it, "k.0.1"; empty for none. */
  const write = way => (way ? `${way.input}.${way.layer}.${way.head}` : "");

  /** The way that a text means, where the circuit has it; else null. */
  const read = (a, circuit, text) => {
    const found = form.exec(text ?? "");
    if (!found) return null;
    const [input, layer, head] = [found[1], Number(found[2]), Number(found[3])];
    return (inputsOf[circuit.kind] ?? []).includes(input) && layer < circuit.layer && head < a.n_heads ? { input, layer, head } : null;
  };

  const make = (M, { kind, layer, head, via }) => {
    const { d_vocab: vocab, d_model: model, d_head: width } = M.architecture;
    const [later, earlier] = [M.blocks[layer], M.blocks[via.layer]];
    const through = (x, inner, outer) => Linear.multiply(Linear.multiply(x, inner, vocab, model, width), outer, vocab, width, model);
    const moved = through(M.W_E, earlier.W_V[via.head], earlier.W_O[via.head]);
    if (kind === "ov") return Linear.multiply(through(moved, later.W_V[head], later.W_O[head]), M.W_U, vocab, model, vocab);
    const queries = Linear.multiply(via.input === "q" ? moved : M.W_E, later.W_Q[head], vocab, model, width);
    const keys = Linear.multiply(via.input === "k" ? moved : M.W_E, later.W_K[head], vocab, model, width);
    return Linear.multiplyTransposed(queries, keys, vocab, width, vocab);
  };

  const known = new WeakMap();

  /**
   * A circuit's table: of keys W_E W_Q W_K^T W_OV^T W_E^T, of queries W_E W_OV W_Q W_K^T W_E^T, of values the virtual head W_E W_OV W_V W_O W_U, W_OV being
   * the earlier head's; without `via` that of `Circuit`.
   * @param {object} M a snapshot
   * @param {{ kind: string, layer: number|null, head: number|null, via: object|null }} circuit
   * @returns {Float64Array} [vocab (source or query), vocab (logit or key)]
   */
  const table = (M, circuit) => {
    if (!circuit.via) return Circuit.table(M, circuit);
    if (!known.has(M)) known.set(M, new Map());
    const tables = known.get(M), key = `${circuit.kind} ${circuit.layer}.${circuit.head} ${write(circuit.via)}`;
    if (!tables.has(key)) tables.set(key, make(M, circuit));
    return tables.get(key);
  };

  /** What Interp measured of it: { score, eigenvalue_score } or null. */
  const measured = (snapshot, { layer, head, via }) => snapshot.composition?.find(entry => entry.kind === via.input
    && entry.from.layer === via.layer && entry.from.head === via.head && entry.to.layer === layer && entry.to.head === head) ?? null;

  return { ways, write, read, table, measured };
})();
