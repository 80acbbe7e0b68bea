/**
 * The page's state as the fragment of its URL, and back: `#text=ABCABC&at=5&head=1.2&zero=0.1,0.3&cut=0.2-1.3.k&with=direct+nothing`.
 */
const Fragment = (() => {
  const longest = 20000;
  const models = () => Decode.data().models;
  const whole = text => (/^\d{1,9}$/.test(text) ? Number(text) : NaN);
  const { isHead, isCut, initial, valid } = Choices;

  const modelName = number => (models().filter(model => model.name === models()[number].name).length > 1 ? String(number) : models()[number].name);

  const circuitText = c => [c.kind, ...(c.kind === "direct" ? [] : c.kind === "ov_sum" ? [c.layer] : [c.layer, c.head])].join(".");

  /** A state as a fragment, without "#": what differs from the page as it opens, in a fixed order. */
  const write = state => {
    const base = initial(state.model);
    const model = models()[state.model];
    const parts = [];
    const put = (key, value) => parts.push(`${key}=${encodeURIComponent(value).replace(/%20/g, "+").replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%3B/g, ";").replace(/%2F/g, "/")}`);
    const edited = kind => Object.entries(state.heads).filter(([, how]) => how === kind).map(([head]) => head);
    if (state.model !== 0) put("model", modelName(state.model));
    if (state.snapshot !== base.snapshot) put("step", model.snapshots[state.snapshot].step ?? `no.${state.snapshot}`);
    if (state.text !== base.text) put("text", state.text);
    if (state.position !== null) put("at", state.position);
    if (state.layer !== 0 || state.head !== 0) put("head", `${state.layer}.${state.head}`);
    for (const kind of ["zero", "mean", "freeze"]) if (edited(kind).length > 0) put(kind, edited(kind).join(","));
    for (const [head, how] of Object.entries(state.heads)) if (how.pattern !== undefined) put("pattern", `${head}:${how.pattern}`);
    if (state.cuts.length > 0) put("cut", state.cuts.map(cut => cut.replace(" -> ", "-")).join(","));
    if (state.explanation !== null) put("with", model.explanations[state.explanation].text);
    if (circuitText(state.circuit) !== circuitText(base.circuit)) put("circuit", circuitText(state.circuit));
    if (state.row !== null) put("row", state.row);
    if (state.target !== null) put("target", state.target);
    if (state.terms !== base.terms) put("terms", state.terms);
    if (state.term !== "") put("term", state.term);
    if (state.reads !== base.reads) put("reads", state.reads);
    if (state.through !== "") put("through", state.through);
    return parts.join("&");
  };

  /**
   * A fragment as a state, which need not be valid, and what of it was not understood, in half-sentences.
   * @returns {{ state: object, lost: string[] }}
   */
  const read = fragment => {
    const lost = [];
    const given = fragment.slice(0, longest).split("&").filter(part => part !== "").map(part => {
      const at = part.indexOf("=");
      try {
        return [part.slice(0, Math.max(at, 0)), decodeURIComponent(part.slice(at + 1).replace(/\+/g, " "))];
      } catch {
        return ["", ""];
      }
    });
    const first = key => given.find(([own]) => own === key)?.[1];
    const named = first("model");
    const byName = named === undefined ? 0 : models().findIndex((model, i) => modelName(i) === named);
    if (byName < 0) lost.push(`no model is called “${Dom.short(named)}”`);
    const model = models()[Math.max(0, byName)];
    const a = model.architecture;
    const state = { ...initial(Math.max(0, byName)), heads: {}, cuts: [] };
    const want = (ok, key, value, set) => { if (ok) set(); else lost.push(`“${Dom.short(`${key}=${value}`)}” is nothing that this page has`); };
    const readers = {
      model: () => {},
      step: value => {
        const at = model.snapshots.findIndex((snapshot, i) => String(snapshot.step ?? `no.${i}`) === value);
        want(at >= 0, "step", value, () => { state.snapshot = at; });
      },
      text: value => { state.text = value; },
      at: value => want(whole(value) < a.n_ctx, "at", value, () => { state.position = whole(value); }),
      head: value => want(isHead(a, value), "head", value, () => { [state.layer, state.head] = value.split(".").map(Number); }),
      pattern: value => {
        const colon = value.indexOf(":");
        const head = value.slice(0, Math.max(0, colon));
        want(isHead(a, head), "pattern", value, () => { state.heads[head] = { pattern: value.slice(colon + 1) }; });
      },
      cut: value => value.split(",").map(text => text.replace("-", " -> ")).forEach(text => want(isCut(a, text), "cut", text, () => state.cuts.push(text))),
      with: value => {
        const at = model.explanations.findIndex(explanation => explanation.text === value);
        want(at >= 0, "with", value, () => { state.explanation = at; });
      },
      circuit: value => {
        const [kind, layer, head] = value.split(".");
        const circuit = { kind, layer: layer === undefined ? null : whole(layer), head: head === undefined ? null : whole(head) };
        want(circuitText(valid({ ...state, circuit }).circuit) === value, "circuit", value, () => { state.circuit = circuit; });
      },
      row: value => want(whole(value) < a.d_vocab, "row", value, () => { state.row = whole(value); }),
      target: value => want(value === "next" || whole(value) < a.d_vocab, "target", value, () => { state.target = value === "next" ? value : whole(value); }),
      terms: value => want(value === "paths" || value === "writers", "terms", value, () => { state.terms = value; }),
      term: value => want(Choices.isTerm(value), "term", value, () => { state.term = value; }),
      through: value => want(Choices.isThrough(value), "through", value, () => { state.through = value; }),
      reads: value => want(["all", "q", "k", "v"].includes(value), "reads", value, () => { state.reads = value; }),
    };
    for (const kind of ["zero", "mean", "freeze"]) {
      readers[kind] = value => value.split(",").forEach(head =>
        want(isHead(a, head) && (kind !== "mean" || model.mean_over), kind, head, () => { state.heads[head] = kind; }));
    }
    for (const [key, value] of given) {
      if (Object.hasOwn(readers, key)) readers[key](value);
      else lost.push(`“${Dom.short(key || "a part")}” is nothing that this page keeps`);
    }
    return { state, lost: [...new Set(lost)] };
  };

  /** Whether a fragment is a state; one without "=" is a place on the page. */
  const isState = fragment => fragment.includes("=");

  return { write, read, isState };
})();
