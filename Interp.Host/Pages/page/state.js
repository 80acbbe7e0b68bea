/**
 * All that was chosen on the page, in one value; in the URL's fragment, so that a link opens the page as it stands; and who wants to know of changes.
 *
 * The fragment reads like a query: `#text=ABCABC&at=5&head=1.2&zero=0.1,0.3&cut=0.2-1.3.k&with=direct nothing`.
 */
const State = (() => {
  const pause = 150;
  const longestText = 4000;
  const models = () => Decode.data().models;
  const whole = text => (/^\d{1,9}$/.test(text) ? Number(text) : NaN);

  const heads = a => Array.from({ length: a.n_layers * a.n_heads }, (_, i) => `${Math.floor(i / a.n_heads)}.${i % a.n_heads}`);
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

  const isCut = (a, text) => {
    const cut = cutOf(text);
    if (!cut || !isHead(a, `${cut.layer}.${cut.head}`)) return false;
    if (cut.source === "embedding") return true;
    if (cut.source === "positions") return a.positions === "standard";
    return isHead(a, `${cut.source.layer}.${cut.source.head}`) && cut.source.layer < cut.layer;
  };

  // The prompt, no longer than leaves the model some room to go on.
  const firstText = model => Tokens.toText(model, model.prompt.slice(0, Math.max(1, Math.ceil(0.75 * model.architecture.n_ctx))));

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
    };
  };

  const between = (x, low, high, otherwise) => (Number.isInteger(x) && x >= low && x <= high ? x : otherwise);

  // A term of a logit: "direct", "positions", "0.1>1.3", "positions>0.1"
  const termPattern = /^(direct|positions|(positions>)?\d+\.\d+(>\d+\.\d+)*)$/;

  // A state in which everything is there: what is not of the model is left out or as it is at the beginning.
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
      text: [...(typeof state.text === "string" ? state.text : first.text)].slice(0, longestText).join(""),
      position: between(state.position, 0, a.n_ctx - 1, null),
      layer: between(state.layer, 0, a.n_layers - 1, 0),
      head: between(state.head, 0, a.n_heads - 1, 0),
      heads: Object.freeze(Object.fromEntries(edited.map(([head, how]) => [head, how.pattern === undefined ? how : Object.freeze({ pattern: how.pattern.slice(0, longestText) })]))),
      cuts: Object.freeze([...new Set(state.cuts ?? [])].filter(cut => isCut(a, cut)).sort()),
      explanation: between(state.explanation, 0, model.explanations.length - 1, null),
      circuit: Object.freeze(isCircuit ? { kind: c.kind, layer: c.layer ?? null, head: c.head ?? null } : first.circuit),
      row: between(state.row, 0, a.d_vocab - 1, null),
      target: state.target === "next" ? "next" : between(state.target, 0, a.d_vocab - 1, null),
      terms: state.terms === "writers" ? "writers" : "paths",
      term: typeof state.term === "string" && state.term.length < 200 && termPattern.test(state.term) ? state.term : "",
      reads: ["q", "k", "v"].includes(state.reads) ? state.reads : "all",
    });
  };

  // What another model is shown with: the same text where its tokens are the same, the same step, the same explanation, where it has them.
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

  const modelName = number => (models().filter(model => model.name === models()[number].name).length > 1 ? String(number) : models()[number].name);

  const circuitText = c => [c.kind, ...(c.kind === "direct" ? [] : c.kind === "ov_sum" ? [c.layer] : [c.layer, c.head])].join(".");

  // A state as a fragment: what differs from the page as it opens, in a fixed order.
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
    return parts.join("&");
  };

  // A fragment as a state, and what of it was not understood.
  const read = fragment => {
    const lost = [];
    const given = fragment.split("&").filter(part => part !== "").map(part => {
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
      term: value => want(termPattern.test(value), "term", value, () => { state.term = value; }),
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

  let current = null;
  let before = null;
  let waiting = false;
  let writing = 0;
  let trouble = "";
  const followers = new Set();

  // A fragment without "=" is a place on the page.
  const isState = fragment => fragment.includes("=");

  const load = () => {
    const fragment = location.hash.slice(1);
    if (!isState(fragment)) return initial(0);
    const { state, lost } = read(fragment.slice(0, 20000));
    trouble = lost.length === 0 ? "" : `Of the link, not all could be read: ${lost.slice(0, 3).join("; ")}${lost.length > 3 ? `; and ${lost.length - 3} more` : ""}. The rest is shown.`;
    return state;
  };

  /** What was chosen, frozen: { model, snapshot, text, position, layer, head, heads, cuts, explanation, circuit, row, target, terms, term, reads }. */
  const get = () => current ??= valid(load());

  const tell = () => {
    waiting = false;
    const previous = before;
    before = null;
    for (const follower of followers) follower(current, previous);
  };

  const changed = next => {
    before ??= get();
    current = next;
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(tell);
    }
  };

  /** Changes some of it; what does not fit the model is left out. Followers are told in the next animation frame, the URL a little later. */
  const set = partial => {
    const was = get();
    const base = partial.model !== undefined && partial.model !== was.model && models()[partial.model] ? moved(was, partial.model) : was;
    trouble = "";
    changed(valid({ ...base, ...partial }));
    if (!writing) {
      writing = setTimeout(() => {
        writing = 0;
        const fragment = write(current);
        // Some browsers refuse a page more than so many calls; the next change writes it.
        try { history.replaceState(null, "", fragment === "" ? location.pathname + location.search : `#${fragment}`); } catch { /* as it was */ }
      }, pause);
    }
  };

  /** Calls `follower(state, previous)` in the animation frame after a change. */
  const subscribe = follower => { followers.add(follower); };

  globalThis.addEventListener?.("hashchange", () => {
    if (isState(location.hash.slice(1)) && location.hash.slice(1) !== write(get())) changed(valid(load()));
  });

  /** The fragment of the page as it stands, without "#". */
  const fragment = () => write(get());

  /** A sentence on what of the URL's fragment could not be read; empty where all was. */
  const problem = () => trouble;

  /** The model as it opens, and its first text. */
  const reset = () => set(initial(get().model));

  return { get, set, subscribe, fragment, problem, reset, firstText, read, write, cutOf, isCut, headsOf: heads };
})();
