/** What can be chosen on the page: the state as it opens, and every other one made to fit the model that it is of. */
const Choices = (() => {
  const longestText = 4000;
  const models = () => Decode.data().models;

  /** The addresses of a model's heads, "0.1", layer by layer. */
  const heads = a => Array.from({ length: a.n_layers * a.n_heads }, (_, i) => `${Math.floor(i / a.n_heads)}.${i % a.n_heads}`);
  /** Whether a model has a head of an address. */
  const isHead = (a, text) => heads(a).includes(text);

  const cutPattern = /^(embedding|positions|\d+\.\d+) -> (\d+)\.(\d+)\.([qkv])$/;
  /** A cut's parts: { source: "embedding" | "positions" | { layer, head }, layer, head, input }; null for a text that is none. */
  const cutOf = text => {
    const found = cutPattern.exec(text);
    if (!found) return null;
    const [, source, layer, head, input] = found;
    const [l, h] = source.split(".").map(Number);
    return { source: source.includes(".") ? { layer: l, head: h } : source, layer: Number(layer), head: Number(head), input };
  };

  /** Whether a cut's text is one that a model has. */
  const isCut = (a, text) => {
    const cut = cutOf(text);
    if (!cut || !isHead(a, `${cut.layer}.${cut.head}`)) return false;
    if (cut.source === "embedding") return true;
    if (cut.source === "positions") return a.positions === "standard";
    return isHead(a, `${cut.source.layer}.${cut.source.head}`) && cut.source.layer < cut.layer;
  };

  /** The text that a model opens with: its prompt, no longer than leaves some room to go on. */
  const firstText = model => Tokens.toText(model, model.prompt.slice(0, Math.max(1, Math.ceil(0.75 * model.architecture.n_ctx))));

  /** The state as the page opens with a model, by its number. */
  const initial = number => {
    const model = models()[number];
    const { n_layers } = model.architecture;
    return {
      model: number,
      snapshot: model.snapshots.length - 1,
      text: firstText(model),
      position: null,
      layer: 0,
      head: 0,
      heads: {},
      cuts: [],
      explanation: null,
      circuit: n_layers > 0 ? { kind: "ov", layer: 0, head: 0 } : { kind: "direct", layer: null, head: null },
      row: null,
      target: null,
      terms: "paths",
      term: "",
      reads: "all",
      through: "",
    };
  };

  // Halves of characters have no place in a URL.
  const whole = text => [...text.replace(/\p{Cs}/gu, "\ufffd")].slice(0, longestText).join("");

  const between = (x, low, high, otherwise) => (Number.isInteger(x) && x >= low && x <= high ? x : otherwise);

  /** Whether a text says what of an earlier head a circuit reads: "k.0.1" */
  const isThrough = text => typeof text === "string" && text.length < 30 && /^[qkv]\.\d+\.\d+$/.test(text);
  /** Whether a text is a term of a logit: "direct", "positions", "0.1>1.3", "positions>0.1" */
  const isTerm = text => typeof text === "string" && text.length < 200 && /^(direct|positions|(positions>)?\d+\.\d+(>\d+\.\d+)*)$/.test(text);

  /** A state in which everything is there, frozen: what is not of the model is left out, or as it is at the beginning. */
  const valid = state => {
    const number = between(state.model, 0, models().length - 1, 0);
    const model = models()[number];
    const a = model.architecture;
    const first = initial(number);
    const kinds = new Set(["zero", "mean", "freeze"]);
    const edited = Object.entries(state.heads ?? {}).filter(([head, how]) => isHead(a, head)
      && (typeof how?.pattern === "string" || (kinds.has(how) && (how !== "mean" || model.mean_over))));
    const c = state.circuit ?? first.circuit;
    const address = isHead(a, `${c.layer}.${c.head}`);
    const isCircuit = c.kind === "direct" || ((c.kind === "ov" || c.kind === "qk") && address)
      || (c.kind === "ov_sum" && between(c.layer, 0, a.n_layers - 1, null) !== null);
    return Object.freeze({
      model: number,
      snapshot: between(state.snapshot, 0, model.snapshots.length - 1, first.snapshot),
      text: whole(typeof state.text === "string" ? state.text : first.text),
      position: between(state.position, 0, a.n_ctx - 1, null),
      layer: between(state.layer, 0, a.n_layers - 1, 0),
      head: between(state.head, 0, a.n_heads - 1, 0),
      heads: Object.freeze(Object.fromEntries(edited.map(([head, how]) => [head, how.pattern === undefined ? how : Object.freeze({ pattern: whole(how.pattern) })]))),
      cuts: Object.freeze([...new Set(state.cuts ?? [])].filter(cut => isCut(a, cut)).sort()),
      explanation: between(state.explanation, 0, model.explanations.length - 1, null),
      circuit: Object.freeze(isCircuit ? { kind: c.kind, layer: c.layer ?? null, head: c.head ?? null } : first.circuit),
      row: between(state.row, 0, a.d_vocab - 1, null),
      target: state.target === "next" ? "next" : between(state.target, 0, a.d_vocab - 1, null),
      terms: state.terms === "writers" ? "writers" : "paths",
      term: isTerm(state.term) ? state.term : "",
      reads: ["q", "k", "v"].includes(state.reads) ? state.reads : "all",
      through: isThrough(state.through) ? state.through : "",
    });
  };

  /** What another model is shown with: the same text where its tokens are the same, the same step, the same explanation, where it has them. */
  const moved = (state, number) => {
    const [from, to] = [models()[state.model], models()[number]];
    const same = from.tokens.separator === to.tokens.separator && from.tokens.names.join("\n") === to.tokens.names.join("\n");
    const step = to.snapshots.findIndex(snapshot => snapshot.step !== null && snapshot.step === from.snapshots[state.snapshot].step);
    const text = from.explanations[state.explanation]?.text;
    const explanation = to.explanations.findIndex(explanation => explanation.text === text);
    return {
      ...state,
      model: number,
      snapshot: state.snapshot === from.snapshots.length - 1 || step < 0 ? to.snapshots.length - 1 : step,
      text: same ? state.text : initial(number).text,
      position: same ? state.position : null,
      target: same ? state.target : null,
      explanation: explanation < 0 ? null : explanation,
    };
  };

  return { heads, isHead, cutOf, isCut, firstText, initial, valid, moved, isTerm, isThrough };
})();
