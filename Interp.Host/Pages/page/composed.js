/** Which circuits go through two heads: a later head reads, as keys, queries or values, what an earlier one moved (Elhage et al. 2021). */
const Composed = (() => {
  /** What a head reads by, in words. */
  const inputs = { q: "queries", k: "keys", v: "values" };
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

  /** What Interp measured of it: { score, eigenvalue_score } or null. */
  const measured = (snapshot, { layer, head, via }) => snapshot.composition?.find(entry => entry.kind === via.input
    && entry.from.layer === via.layer && entry.from.head === via.head && entry.to.layer === layer && entry.to.head === head) ?? null;

  return { inputs, ways, write, read, measured };
})();
