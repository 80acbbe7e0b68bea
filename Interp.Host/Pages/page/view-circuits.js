/** Circuits opened: OV, QK and the direct path as maps, rows in words, eigenvalues beside random weights, the letters a head looks for, all heads' scores. */
const ViewCircuits = (() => {
  const kinds = [["ov", "OV of a head"], ["qk", "QK of a head"], ["ov_sum", "OV of a layer, summed"], ["direct", "Direct path"]];

  const percent = value => (Number.isFinite(value) ? `${Dom.fixed(100 * value, 1)} %` : "–");
  const scoreOf = value => (value !== null && typeof value === "object" ? value.score : value);

  // The scores of `interp heads`, by their keys.
  const scores = [
    ["previous_token", "previous token", percent, "attention to the position before"],
    ["duplicate_token", "same token", percent, "attention to earlier occurrences of the token"],
    ["induction", "induction", percent, "attention to what followed the token's last occurrence"],
    ["prefix_matching", "prefix matching", percent, "attention to what followed any earlier occurrence"],
    ["five_back", "five back", percent, "attention to the position five back"],
    ["entropy", "entropy, nats", value => Dom.fixed(value, 3), "mean entropy of the pattern's rows"],
    ["copying", "copying", value => Dom.fixed(value, 3), "of what it raises, the share that goes to tokens of the text, from -1 to 1"],
  ];

  // The measured circuit of a choice: { score, eigenvalues }, and the null beside it.
  const measured = (model, snapshot, circuit) => {
    const { circuits } = snapshot, { nulls } = model;
    if (circuit.via) return { spectrum: null, random: null };
    const own = entry => entry.layer === circuit.layer && (circuit.kind === "ov_sum" || entry.head === circuit.head);
    if (circuit.kind === "direct") return { spectrum: circuits?.direct ?? null, random: nulls?.direct ?? null };
    if (circuit.kind === "ov") return { spectrum: circuits?.ov?.find(own) ?? null, random: nulls?.ov ?? null };
    if (circuit.kind === "ov_sum") return { spectrum: circuits?.ov_sum?.find(own) ?? null, random: nulls?.ov_sum ?? null };
    return { spectrum: null, random: null };
  };

  const chooser = () => {
    const group = Dom.id("circuit");
    const radios = kinds.map(([kind, label]) => {
      const input = Dom.el("input", { type: "radio", name: group, value: kind });
      input.addEventListener("change", () => {
        const { layer, head } = State.get();
        State.set({ circuit: kind === "direct" ? { kind, layer: null, head: null } : { kind, layer, head: kind === "ov_sum" ? null : head } });
      });
      return { kind, input, label: Dom.el("label", { class: "choice" }, input, label) };
    });
    const heads = Dom.el("select"), layers = Dom.el("select"), ways = Dom.el("select");
    heads.addEventListener("change", () => {
      const [layer, head] = heads.value.split(".").map(Number);
      State.set({ layer, head, circuit: { kind: State.get().circuit.kind, layer, head } });
    });
    layers.addEventListener("change", () => State.set({ circuit: { kind: "ov_sum", layer: Number(layers.value), head: null } }));
    ways.addEventListener("change", () => State.set({ through: ways.value }));
    const wayLabel = Dom.el("label", { class: "choice" }, "Reads ", ways);
    const headLabel = Dom.el("label", { class: "choice" }, "Head ", heads), layerLabel = Dom.el("label", { class: "choice" }, "Layer ", layers);
    const options = (select, values, label = value => value) => {
      if (select.options.length !== values.length || [...select.options].some((option, i) => option.value !== values[i])) {
        select.replaceChildren(...values.map(value => Dom.el("option", { value, text: label(value) })));
      }
    };
    const element = Dom.el("div", { class: "choices" },
      Dom.el("fieldset", {}, Dom.el("legend", { text: "Circuit" }), radios.map(radio => radio.label)), headLabel, layerLabel, wayLabel);
    const update = (model, circuit) => {
      const a = model.architecture, ofHead = circuit.kind === "ov" || circuit.kind === "qk";
      for (const radio of radios) {
        radio.input.checked = radio.kind === circuit.kind;
        radio.label.hidden = a.n_layers === 0 && radio.kind !== "direct";
      }
      options(heads, State.headsOf(a));
      options(layers, Array.from({ length: a.n_layers }, (_, layer) => String(layer)));
      const possible = Composed.ways(a, circuit);
      options(ways, ["", ...possible.map(Composed.write)], value => {
        const way = Composed.read(a, circuit, value);
        return way ? `as ${Composed.inputs[way.input]}, what ${way.layer}.${way.head} moved` : "the embedding";
      });
      ways.value = Composed.write(circuit.via);
      wayLabel.hidden = possible.length === 0;
      headLabel.hidden = !ofHead;
      layerLabel.hidden = circuit.kind !== "ov_sum";
      if (ofHead) heads.value = CircuitWords.address(circuit);
      else if (circuit.kind === "ov_sum") layers.value = String(circuit.layer);
    };
    return { element, update };
  };

  const diagonalOf = (model, circuit, table, row) => {
    const vocab = model.architecture.d_vocab;
    return Array.from({ length: vocab }, (_, token) => ({
      name: Tokens.name(model, token), value: table[token * (vocab + 1)], words: CircuitWords.entry(model, circuit, table, token, token), chosen: token === row,
    }));
  };

  const letterWords = (model, { layer, head, strengths }) => {
    const order = strengths.map((_, token) => token).sort((a, b) => strengths[b] - strengths[a]);
    const said = token => `${Tokens.name(model, token)} (${Dom.signed(strengths[token])})`;
    return `Head ${layer}.${head} looks most for ${Dom.list(order.slice(0, 3).map(said))}, least for ${Dom.list(order.slice(-3).reverse().map(said))}: what the key's token alone adds to its attention scores before the softmax, less the mean over tokens.`;
  };

  // The scores of a circuit through two heads.
  const composedWords = (model, snapshot, circuit) => {
    const scores = Composed.measured(snapshot, circuit), { input } = circuit.via;
    if (!scores) return "No score was measured of this circuit.";
    const { nulls } = model;
    return `${Plane.standing(scores.eigenvalue_score, nulls?.composition_eigenvalues?.[input] ?? null, "Eigenvalue score")} ${Plane.standing(scores.score, nulls?.composition?.[input] ?? null, "Composition score")}`;
  };

  const table = choose => Table.create({ caption: "Scores of all heads", name: "head-scores", columns: [], rows: [], onChoose: choose });

  const updateTable = (scored, model, snapshot, state) => {
    const known = snapshot.scores ?? [];
    const ov = (layer, head) => snapshot.circuits?.ov?.find(entry => entry.layer === layer && entry.head === head)?.score ?? null;
    const length = known.find(entry => Number.isFinite(entry.block_length))?.block_length;
    scored.update({
      caption: length ? `Scores of all heads, on blocks of ${Dom.count(length, "token")}` : "Scores of all heads",
      name: `${model.name}-head-scores`,
      columns: [
        { title: "head", value: row => `${row.layer}.${row.head}` },
        ...scores.filter(([key]) => known.some(entry => entry[key] !== undefined)).map(([key, title, words, note]) => ({
          title, note, numeric: true, value: row => scoreOf(row[key]) ?? null, words: row => words(scoreOf(row[key]) ?? NaN),
        })),
        { title: "OV score", note: "eigenvalue score of W_E W_V W_O W_U", numeric: true, digits: 4, value: row => ov(row.layer, row.head) },
      ],
      rows: known, chosen: row => row.layer === state.layer && row.head === state.head,
    });
  };

  const mount = element => {
    const choices = chooser();
    const heading = Dom.el("h3"), formula = Dom.el("code"), meaning = Dom.el("span"), diagonalWords = Dom.el("p", { class: "note" });
    const map = Map2D.create({
      label: "circuit", scale: "diverging", rowNoun: "token", cell: 22, digits: 2,
      onLock: row => State.set({ row }),
    });
    const toRow = token => State.set({ row: State.get().row === token ? null : token });
    const diagonal = Bars.create({ label: "diagonal", across: "columns", onChoose: toRow });
    const letters = Bars.create({ label: "tokens looked for", across: "columns", onChoose: toRow });
    const plane = Plane.create(), strip = Plane.strip();
    const standing = Dom.el("p", { class: "note" }), lettersWords = Dom.el("p", { class: "note" });
    const spectrumBox = Dom.el("div", { class: "circuit-part" }, Dom.el("h4", { text: "Eigenvalues" }), plane.element, strip.element, standing);
    const lettersBox = Dom.el("div", { class: "circuit-part" }, Dom.el("h4", { text: "What the head looks for" }), letters.element, lettersWords);
    const noSpectrum = Dom.el("p", { class: "note" });
    const scored = table(({ layer, head }) => {
      const { circuit } = State.get();
      State.set({ layer, head, circuit: { kind: circuit.kind === "qk" ? "qk" : "ov", layer, head } });
    });
    element.classList.add("circuits");
    element.append(choices.element, heading, Dom.el("p", {}, formula, ": ", meaning), Dom.el("div", { class: "circuit-columns" },
      Dom.el("div", { class: "circuit-side" }, Dom.el("div", { class: "circuit-part" }, map.element),
        Dom.el("div", { class: "circuit-part" }, Dom.el("h4", { text: "Diagonal" }), diagonal.element, diagonalWords)),
      Dom.el("div", { class: "circuit-side" }, spectrumBox, noSpectrum, lettersBox)), scored.element);

    const draw = () => {
      const state = State.get(), { model, M } = Results.current();
      const circuit = { ...state.circuit, via: Composed.read(model.architecture, state.circuit, state.through) };
      const snapshot = M.raw, entries = Circuit.table(M, circuit), vocab = model.architecture.d_vocab;
      const names = model.tokens.names.map((_, token) => Tokens.name(model, token));
      const file = `${model.name}-${circuit.kind}${circuit.layer === null ? "" : `-${circuit.layer}`}${circuit.head === null ? "" : `-${circuit.head}`}${circuit.via ? `-${Composed.write(circuit.via)}` : ""}`;
      const own = CircuitWords.meaning(model, circuit), called = CircuitWords.title(circuit);
      const step = snapshot.step !== null && model.snapshots.length > 1 ? `, step ${snapshot.step}` : "";
      const title = more => `${model.name}${step}: ${called}${more}`;
      choices.update(model, circuit);
      Dom.put(heading, called);
      Dom.put(formula, own.product);
      Dom.put(meaning, own.meaning);
      map.update({
        label: `${called}, ${vocab} tokens by ${vocab}`, title: title(""), name: file, rows: vocab, columns: vocab, rowNames: names, columnNames: names,
        rowTitle: circuit.kind === "qk" ? "query" : "token read", columnTitle: circuit.kind === "qk" ? "key" : "token predicted",
        value: (i, j) => entries[i * vocab + j], locked: state.row,
        describeRow: row => CircuitWords.row(model, circuit, entries, row), describeCell: (i, j) => CircuitWords.entry(model, circuit, entries, i, j),
      });
      diagonal.update({ label: `${called}: its diagonal`, title: title(", diagonal"), name: `${file}-diagonal`, items: diagonalOf(model, circuit, entries, state.row) });
      Dom.put(diagonalWords, CircuitWords.diagonal(model, circuit, entries));
      const { spectrum, random } = measured(model, snapshot, circuit);
      spectrumBox.hidden = !spectrum;
      noSpectrum.hidden = spectrum !== null;
      Dom.put(noSpectrum, circuit.via ? composedWords(model, snapshot, circuit) : "Eigenvalues are taken of circuits that lead from tokens to logits; QK leads from tokens to tokens, a score.");
      if (spectrum) {
        plane.update({ label: `${called}: ${Dom.count(spectrum.eigenvalues.length, "eigenvalue")} in the complex plane`, title: title(", eigenvalues"), name: `${file}-eigenvalues`, eigenvalues: spectrum.eigenvalues });
        strip.update(spectrum.score, random);
        Dom.put(standing, `${Plane.standing(spectrum.score, random)} The score is the sum of the eigenvalues' real parts over the sum of their magnitudes: 1 copies, −1 does the opposite.`);
      }
      const looked = circuit.head === null ? null : snapshot.letters?.find(entry => entry.layer === circuit.layer && entry.head === circuit.head) ?? null;
      lettersBox.hidden = !looked;
      if (looked) {
        letters.update({
          label: `What head ${CircuitWords.address(circuit)} looks for`, title: `${model.name}${step}: what head ${CircuitWords.address(circuit)} looks for`, name: `${model.name}-letters-${circuit.layer}-${circuit.head}`,
          items: looked.strengths.map((value, token) => ({ name: names[token], value, words: `${names[token]}: ${Dom.signed(value, 3)}`, chosen: token === state.row })),
        });
        Dom.put(lettersWords, letterWords(model, looked));
      }
      updateTable(scored, model, snapshot, state);
    };

    const view = Seen.view(element, draw);
    State.subscribe((state, previous) => {
      const moved = state.layer !== previous.layer || state.head !== previous.head;
      const { circuit } = state;
      const same = ["kind", "layer", "head"].every(key => circuit[key] === previous.circuit[key]);
      // A head that is chosen elsewhere is opened here, too.
      if (moved && same && (circuit.kind === "ov" || circuit.kind === "qk") && (circuit.layer !== state.layer || circuit.head !== state.head)) {
        State.set({ circuit: { kind: circuit.kind, layer: state.layer, head: state.head } });
        return;
      }
      if (moved || !same || ["model", "snapshot", "row", "through"].some(key => state[key] !== previous[key])) view.changed();
    });
    view.changed();
  };

  return { mount };
})();
