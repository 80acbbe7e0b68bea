/** How heads read heads: a graph whose edges can be cut, and the same as a table. */
const ViewComposition = (() => {
  const { inputs } = Composed;
  // Beyond this a graph is a tangle; the table has the rest.
  const most = 300;

  const outside = (score, random) => Number.isFinite(score) && random && (score < random.p025 || score > random.p975);

  const place = (score, random) => !Number.isFinite(score) ? "not finite" : !random ? "no random weights beside it"
    : score > random.p975 ? "above random weights" : score < random.p025 ? "below random weights" : "within random weights";

  const beside = (score, random, digits) =>
    `${Dom.fixed(score, digits)}, ${place(score, random)}${random ? ` (${Dom.fixed(random.p025, digits)} to ${Dom.fixed(random.p975, digits)})` : ""}`;

  const name = ({ layer, head }) => `${layer}.${head}`;

  // Every edge: heads with their scores, then what the first layer reads and all others too.
  const edgesOf = (model, snapshot, cuts) => {
    const a = model.architecture, { nulls } = model;
    const cutNow = new Set(cuts);
    const heads = State.headsOf(a);
    const composed = (snapshot.composition ?? []).map(entry => {
      const [random, spectral] = [nulls?.composition?.[entry.kind] ?? null, nulls?.composition_eigenvalues?.[entry.kind] ?? null];
      return { from: name(entry.from), to: name(entry.to), input: entry.kind, score: entry.score, eigenvalue: entry.eigenvalue_score, random, spectral };
    });
    const sources = ["embedding", ...(a.positions === "standard" ? ["positions"] : [])];
    const first = sources.flatMap(from => heads.flatMap(to => Object.keys(inputs).map(input =>
      ({ from, to, input, score: null, eigenvalue: null, random: null, spectral: null }))));
    return [...composed, ...first].map(edge => ({ ...edge, key: `${edge.from} -> ${edge.to}.${edge.input}` })).map(edge => ({ ...edge, cut: cutNow.has(edge.key) }));
  };

  const inWords = edge => {
    const subject = `The ${inputs[edge.input]} of ${edge.to} read ${edge.from.includes(".") ? `head ${edge.from}` : edge.from === "embedding" ? "the embedding" : "the positions"}`;
    const scores = edge.score === null ? "; no score is measured of that"
      : `: composition score ${beside(edge.score, edge.random, 3)}; eigenvalue score ${beside(edge.eigenvalue, edge.spectral, 3)}`;
    return `${subject}${scores}.${edge.cut ? " Cut now." : ""}`;
  };

  const toggle = edge => {
    const { cuts } = State.get();
    State.set({ cuts: edge.cut ? cuts.filter(cut => cut !== edge.key) : [...cuts, edge.key] });
    Dom.say(edge.cut ? `restored: ${edge.key}` : `cut ${edge.key}`);
  };

  // The circuit that an edge is of, in the view of circuits.
  const circuitOf = edge => {
    const [layer, head] = edge.to.split(".").map(Number);
    return { layer, head, circuit: { kind: edge.input === "v" ? "ov" : "qk", layer, head }, through: edge.from.includes(".") ? `${edge.input}.${edge.from}` : "" };
  };

  const isOpen = (state, edge) => {
    const { circuit, through } = circuitOf(edge);
    return edge.from.includes(".") && through === state.through && ["kind", "layer", "head"].every(key => circuit[key] === state.circuit[key]);
  };

  const mount = element => {
    const group = Dom.id("reads");
    const radios = ["all", ...Object.keys(inputs)].map(kind => {
      const input = Dom.el("input", { type: "radio", name: group, value: kind });
      input.addEventListener("change", () => State.set({ reads: kind }));
      return { kind, input, label: Dom.el("label", { class: `choice${kind === "all" ? "" : ` reads-${kind}`}` }, input, kind === "all" ? "all" : Dom.el("i", { class: "read-swatch", "aria-hidden": "true" }), kind === "all" ? "" : `${inputs[kind]} (${kind})`) };
    });
    const restore = Dom.el("button", { type: "button", class: "quiet", text: "Restore all" });
    restore.addEventListener("click", () => { State.set({ cuts: [] }); Dom.say("all restored"); });
    const note = Dom.el("p", { class: "note" }), cutNote = Dom.el("p", { class: "note", "aria-live": "off" });
    const graph = Graph.create({ onEdge: toggle, onNode: address => { const [layer, head] = address.split(".").map(Number); State.set({ layer, head }); } });
    const table = Table.create({
      caption: "What heads read of heads; a name opens the circuit", name: "composition",
      chosen: edge => isOpen(State.get(), edge),
      onChoose: edge => { State.set(circuitOf(edge)); Dom.say(`opened in the view of circuits: ${edge.key}`); },
      action: edge => ({ label: edge.cut ? "restore" : "cut", what: `${edge.cut ? "restore" : "cut"} ${edge.key}`, act: () => toggle(edge) }),
      columns: [
        { title: "from", value: edge => edge.from }, { title: "to", value: edge => edge.to },
        { title: "read by", value: edge => inputs[edge.input] },
        { title: "score", numeric: true, note: "|AB| / (|A| |B|) in Frobenius norms, 0 to 1", value: edge => edge.score },
        { title: "beside random weights", value: edge => (edge.score === null ? "" : place(edge.score, edge.random)) },
        { title: "eigenvalue score", numeric: true, note: "of the composed circuit, -1 to 1", value: edge => edge.eigenvalue },
        { title: "beside random weights’", value: edge => (edge.eigenvalue === null ? "" : place(edge.eigenvalue, edge.spectral)) },
      ],
    });
    const tableBox = Dom.el("details", { class: "composition-table" }, Dom.el("summary", { text: "The same as a table" }), table.element);
    element.classList.add("composition");
    element.append(Dom.el("div", { class: "choices" }, Dom.el("fieldset", {}, Dom.el("legend", { text: "What is read by" }), radios.map(radio => radio.label)), restore),
      note, graph.element, cutNote, tableBox);

    const draw = () => {
      const state = State.get(), { reads } = state, { model, M } = Results.current(), a = model.architecture;
      const all = edgesOf(model, M.raw, state.cuts);
      const chosen = all.filter(edge => reads === "all" || edge.input === reads);
      const largest = Math.max(1e-9, ...all.map(edge => edge.score ?? 0));
      const rank = edge => (edge.cut ? 3 : edge.score === null ? 0.5 : outside(edge.score, edge.random) ? 1 + edge.score : edge.score);
      const shown = chosen.length <= most ? chosen : [...chosen].sort((x, y) => rank(y) - rank(x)).slice(0, most);
      for (const radio of radios) radio.input.checked = radio.kind === reads;
      restore.disabled = state.cuts.length === 0;
      graph.element.hidden = a.n_layers === 0;
      const hidden = chosen.length - shown.length;
      Dom.put(note, a.n_layers === 0 ? "This model has no heads, so that nothing is composed."
        : `${a.n_layers === 1 ? "One layer: heads read the embedding alone, none reads another. "
          : "Thicker edges have a larger composition score; faint ones are within what random weights show. "}Edges from ${a.positions === "standard" ? "the embedding and the positions" : "the embedding"} have no score, but can be cut.${hidden > 0 ? ` The ${most} strongest are drawn; the table has ${hidden} more.` : ""}`);
      graph.update({
        label: `${model.name}: what heads read`, name: `${model.name}-composition`, layers: a.n_layers, heads: a.n_heads,
        sources: a.positions === "standard" ? ["embedding", "positions"] : ["embedding"], chosen: `${state.layer}.${state.head}`,
        nodeWords: node => (node.includes(".") ? `Head ${node}` : node === "embedding" ? "The embedding, W_E" : "The positions, W_pos"),
        // The strongest lie on top.
        edges: shown.map(edge => ({
          ...edge, strength: edge.score === null ? null : edge.score / largest, faint: edge.score === null || !outside(edge.score, edge.random), words: inWords(edge),
        })).sort((x, y) => rank(x) - rank(y)),
      });
      Dom.put(cutNote, state.cuts.length === 0 ? "Nothing is cut." : `Cut: ${state.cuts.join("; ")}. Every view shows the model so.`);
      if (tableBox.open) table.update({ name: `${model.name}-composition`, rows: [...chosen].sort((x, y) => rank(y) - rank(x)) });
    };

    const view = Seen.view(element, draw);
    tableBox.addEventListener("toggle", () => { if (tableBox.open) view.changed(); });
    State.subscribe((state, previous) => {
      if (["model", "snapshot", "layer", "head", "reads", "through"].some(key => state[key] !== previous[key])
        || ["kind", "layer", "head"].some(key => state.circuit[key] !== previous.circuit[key]) || state.cuts.join() !== previous.cuts.join()) view.changed();
    });
    view.changed();
  };

  return { mount };
})();
