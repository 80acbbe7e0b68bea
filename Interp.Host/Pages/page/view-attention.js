/** Where every head looks: a thumbnail of each, one large, its row in words, and the text coloured by it. */
const ViewAttention = (() => {
  const most = 4;
  // A cell of a map at most, in px: it grows with the page's letters.
  const cell = () => Math.round(1.25 * parseFloat(getComputedStyle(document.documentElement).fontSize));

  /** A row of a pattern in words: "from F at 12: 0.61 on A at 7, 0.20 on B at 8; the rest 0.19". */
  const rowInWords = (model, tokens, pattern, i) => {
    const n = tokens.length;
    if (i >= n) return "";
    const row = pattern.subarray(i * n, i * n + i + 1);
    const best = Results.likeliest(row, most).filter(j => row[j] >= 0.005);
    const rest = 1 - best.reduce((sum, j) => sum + row[j], 0);
    const places = best.map(j => `${Dom.share(row[j])} on ${Tokens.name(model, tokens[j])} at ${j}${j === i ? " (itself)" : ""}`);
    return `from ${Tokens.name(model, tokens[i])} at ${i}: ${places.join(", ")}${rest >= 0.005 ? `; the rest ${Dom.share(rest)}` : ""}`;
  };

  const editOf = (state, address) => {
    const how = state.heads[address];
    return how === undefined ? "" : how.pattern === undefined ? how : "pattern";
  };

  // The colours' upper end of a pattern: its first rows, of few places each, are full of large numbers that say little.
  const reach = (pattern, n) => {
    let largest = 0;
    for (let i = Math.min(3, n - 1); i < n; i++) for (let j = 0; j <= i; j++) largest = Math.max(largest, pattern[i * n + j]);
    return n < 4 ? 1 : Math.max(0.05, Math.min(1, Math.ceil(largest * 20) / 20));
  };

  // The largest difference of two patterns; below `seen` they are the same to the eye.
  const seen = 0.005;
  const difference = (p, q) => (q ? q.reduce((most, value, k) => Math.max(most, Math.abs(value - p[k])), 0) : 0);

  // A button a head, layer by layer; arrows go through heads, and up and down through layers.
  const thumbnails = () => {
    const group = Dom.el("div", { class: "heads-grid", role: "radiogroup", "aria-label": "Heads, layer by layer" });
    let maps = [];
    let built = "";
    const choose = address => {
      const [layer, head] = address.split(".").map(Number);
      State.set({ layer, head });
    };
    const buttons = () => group.querySelectorAll("[role=radio]");
    const build = a => {
      built = `${a.n_layers} ${a.n_heads}`;
      maps = Choices.heads(a).map(address => ({ address, map: Map2D.create({ label: `head ${address}`, thumbnail: true, rows: 0, columns: 0, name: `attention-${address}` }) }));
      group.replaceChildren(...Array.from({ length: a.n_layers }, (_, layer) => Dom.el("div", { class: "layer" },
        Dom.el("span", { class: "label", "aria-hidden": "true", text: `layer ${layer}` }),
        Dom.el("div", { class: "layer-heads" }, maps.slice(layer * a.n_heads, (layer + 1) * a.n_heads).map(({ address, map }) => {
          map.element.setAttribute("aria-hidden", "true");
          return Dom.el("button", { type: "button", role: "radio", class: "head", "data-head": address, onclick: () => choose(address) },
            map.element, Dom.el("span", { class: "head-name", text: address }), Dom.el("span", { class: "head-edit" }));
        })))));
    };
    Dom.roving(group, {
      items: buttons,
      chosen: () => State.get().layer * Results.current().model.architecture.n_heads + State.get().head,
      go: i => {
        choose(maps[i].address);
        Dom.say(`head ${maps[i].address}`);
      },
      columns: () => Results.current().model.architecture.n_heads,
    });
    // In the frame after: what was typed is on the screen before all that looks at it. Not at all where the run is the one that is shown.
    let shown = null;
    const paint = ({ run, tokens }, rangeOf, sameColours) => {
      if (shown?.run === run && shown.sameColours === sameColours && shown.maps === maps) return;
      shown = { run, sameColours, maps };
      Seen.soon(group, () => maps.forEach(({ address, map }) => {
        const [layer, head] = address.split(".").map(Number);
        const pattern = run?.patterns[layer]?.[head];
        const n = tokens.length;
        map.update(pattern ? { rows: n, columns: n, range: rangeOf(pattern), value: (i, j) => pattern[i * n + j] } : { rows: 0, columns: 0 });
      }));
    };
    const draw = (result, rangeOf, sameColours) => {
      const { model, run } = result;
      const a = model.architecture;
      if (built !== `${a.n_layers} ${a.n_heads}`) build(a);
      const state = State.get();
      paint(result, rangeOf, sameColours);
      buttons().forEach((button, k) => {
        const { address } = maps[k];
        const [layer, head] = address.split(".").map(Number);
        const pattern = run?.patterns[layer][head];
        const chosen = state.layer === layer && state.head === head;
        const edit = editOf(state, address);
        const parts = pattern && difference(pattern, result.explained?.patterns?.[layer]?.[head]) >= seen;
        Dom.mark(button, "aria-checked", String(chosen));
        Dom.mark(button, "aria-label", `head ${address}${edit ? ` ${edit}` : ""}${parts ? " ≠, looks elsewhere by the explanation" : ""}`);
        button.tabIndex = chosen ? 0 : -1;
        Dom.put(button.lastElementChild, `${edit}${parts ? " ≠" : ""}`);
      });
    };
    return { element: group, draw };
  };

  // The text with each token as dark as the row looks at it.
  const coloured = onHover => {
    const list = Dom.el("ol", { class: "looked-at" });
    const words = Dom.el("p", { class: "note", id: Dom.id("looked") });
    list.setAttribute("aria-describedby", words.id);
    const choose = i => State.set({ position: i });
    const item = () => Dom.el("li", null, Dom.el("button", { type: "button", tabIndex: -1, onclick: event => choose(Number(event.currentTarget.dataset.at)) }, Dom.el("bdi"), Dom.el("i", { class: "unseen" }), Dom.el("span")));
    const draw = (result, pattern, i, address) => {
      const { model, tokens } = result;
      const n = tokens.length;
      const items = Dom.pool(list, pattern ? n : 0, item);
      if (!pattern) return;
      const darkest = Math.max(0.25, ...pattern.subarray(i * n, i * n + i + 1));
      Dom.put(words, `The text, coloured by where head ${address} looks from ${Tokens.name(model, tokens[i])} at ${i}.`);
      for (let j = 0; j < n; j++) {
        const weight = j <= i ? pattern[i * n + j] : 0;
        const button = items[j].firstChild;
        button.dataset.at = j;
        Dom.put(button.firstChild, Tokens.name(model, tokens[j]));
        Dom.put(button.children[1], ` at ${j}${j > i ? ", later" : ", "}`);
        Dom.put(button.lastChild, j > i ? "" : weight < 0.005 ? "·" : Dom.share(weight));
        button.style.setProperty("--p", (weight / darkest).toFixed(3));
        Dom.mark(items[j], "class", j === i ? "from" : j > i ? "later" : null);
        button.tabIndex = j === i ? 0 : -1;
      }
    };
    // Pointed at, a token is where the row looks from, as long as the pointer stays.
    list.addEventListener("pointermove", event => {
      const button = event.target.closest("button");
      if (button) onHover(Number(button.dataset.at));
    });
    list.addEventListener("pointerleave", () => onHover(null));
    Dom.roving(list, { items: () => list.querySelectorAll("button"), chosen: () => Results.position() ?? 0, go: i => { choose(i); } });
    return { element: Dom.el("div", { class: "looked" }, words, list), draw };
  };

  const mount = element => {
    const heads = thumbnails();
    let hovered = null;
    const hover = i => { if (i !== hovered) { hovered = i; around(); } };
    const text = coloured(hover);

    const square = (label, more) => Map2D.create({
      label, rowNoun: "query", rowTitle: "from", columnTitle: "looks at", scale: "sequential", cell: cell(),
      onHover: hover,
      onLock: i => { State.set({ position: i }); },
      ...more,
    });
    const own = square("attention");
    const other = square("attention of the explanation");
    const apart = square("explanation less model", { scale: "diverging" });
    const panel = (title, map) => Dom.el("div", { class: "attention-map", hidden: true }, title, map.element);
    const ownTitle = Dom.el("h3");
    const panels = [panel(ownTitle, own), panel(Dom.el("h3", { text: "By the explanation" }), other), panel(Dom.el("h3", { text: "Explanation less model" }), apart)];
    const layerTitle = Dom.el("h3");
    const layer = Map2D.create({
      label: "all heads of the layer", rowNoun: "head", columnTitle: "looks at", cell: cell(), rows: 0, columns: 0, name: "heads-of-layer",
      onLock: i => { if (i !== null) State.set({ head: i }); },
    });
    const layerBox = Dom.el("div", { class: "layer-rows" }, layerTitle, layer.element);
    const without = Dom.el("p", { class: "note", hidden: true });
    const trouble = Dom.el("p", { class: "note" });
    const same = Dom.el("input", { type: "checkbox", onchange: () => draw() });
    const scale = Dom.el("label", { class: "note same-colours" }, same, " same colours for all heads, 0 to 1; else each head’s own");
    const alike = Dom.el("p", { class: "note", hidden: true, text: "By the explanation this head looks where it looks in the model; heads that do not are marked ≠." });
    const [mine, ...explained] = panels;
    element.append(without, trouble, Dom.el("div", { class: "attention-top" }, Dom.el("div", null, heads.element, scale), mine, Dom.el("div", null, text.element, layerBox)),
      alike, Dom.el("div", { class: "attention-maps" }, explained));

    // What follows the row that is looked at: pointed at, else chosen.
    const around = () => {
      const result = Results.current();
      const { model, tokens, run } = result;
      const { layer: l, head: h } = State.get();
      const chosen = Results.position();
      const i = hovered !== null && hovered < tokens.length ? hovered : chosen;
      const pattern = run?.patterns[l]?.[h] ?? null;
      text.draw(result, pattern, i, `${l}.${h}`);
      layerBox.hidden = !pattern;
      if (!pattern) return;
      const n = tokens.length;
      const all = run.patterns[l];
      Dom.put(layerTitle, `All heads of layer ${l}, from ${Tokens.name(model, tokens[i])} at ${i}`);
      layer.update({
        rows: all.length, columns: i + 1, rowNames: all.map((_, k) => `${l}.${k}`), columnNames: tokens.slice(0, i + 1).map(token => model.tokens.names[token]),
        value: (k, j) => all[k][i * n + j], range: [0, Math.max(0.2, ...all.map(each => Math.max(...each.subarray(i * n, i * n + i + 1))))],
        locked: h, describeRow: k => `head ${l}.${k} ${rowInWords(model, tokens, all[k], i)}`,
        describeCell: (k, j) => `head ${l}.${k}: ${Dom.fixed(all[k][i * n + j], 3)} on ${Tokens.name(model, tokens[j])} at ${j}`,
        label: `all heads of layer ${l}, from position ${i}`,
      });
    };

    const draw = () => {
      const result = Results.current();
      const { model, tokens, run, explained } = result;
      const { n_layers: layers, n_heads: count } = model.architecture;
      const { layer: l, head: h } = State.get();
      without.hidden = layers > 0 && count > 0;
      Dom.put(without, "This model has no heads: it predicts from the current token alone.");
      const rangeOf = pattern => [0, same.checked ? 1 : reach(pattern, tokens.length)];
      heads.draw(result, rangeOf, same.checked);
      scale.hidden = !run || without.hidden === false;
      const pattern = run?.patterns[l]?.[h] ?? null;
      const range = pattern ? rangeOf(pattern) : [0, 1];
      const second = explained?.patterns?.[l]?.[h] ?? null;
      panels[0].hidden = !pattern;
      const most = pattern ? difference(pattern, second) : 0;
      panels[1].hidden = panels[2].hidden = most < seen;
      alike.hidden = !pattern || !second || most >= seen;
      const edit = editOf(State.get(), `${l}.${h}`);
      Dom.put(ownTitle, `Head ${l}.${h}${edit === "" ? "" : `, ${edit}`}${alike.hidden && second ? ", the model" : ""}`);
      if (pattern) {
        const n = tokens.length;
        const names = tokens.map(token => model.tokens.names[token]);
        const locked = State.get().position;
        const common = { rows: n, columns: n, rowNames: names, columnNames: names, locked: locked !== null && locked < n ? locked : null };
        const words = p => ({
          describeRow: i => rowInWords(model, tokens, p, i),
          describeCell: (i, j) => `from ${Tokens.name(model, tokens[i])} at ${i} on ${Tokens.name(model, tokens[j])} at ${j}: ${j > i ? "later, never looked at" : Dom.fixed(p[i * n + j], 3)}`,
        });
        own.update({ ...common, ...words(pattern), range, label: `attention of head ${l}.${h}`, name: `attention-${l}.${h}`, value: (i, j) => pattern[i * n + j] });
        if (second && most >= seen) {
          other.update({ ...common, ...words(second), range, label: `attention of head ${l}.${h} by the explanation`, name: `explained-attention-${l}.${h}`, value: (i, j) => second[i * n + j] });
          apart.update({
            ...common, range: [-Math.max(0.05, most), Math.max(0.05, most)], label: `head ${l}.${h}: explanation less model`, name: `attention-apart-${l}.${h}`, value: (i, j) => second[i * n + j] - pattern[i * n + j],
            describeRow: i => apartInWords(model, tokens, pattern, second, i),
          });
        }
      }
      Dom.put(trouble, result.error ?? "");
      trouble.hidden = !result.error;
      around();
    };

    const view = Seen.view(element, draw);
    State.subscribe(view.changed);
    view.changed();
  };

  // Where two patterns part in a row, the largest differences first.
  const apartInWords = (model, tokens, p, q, i) => {
    const n = tokens.length;
    const differences = Float64Array.from({ length: i + 1 }, (_, j) => q[i * n + j] - p[i * n + j]);
    const moved = differences.reduce((sum, d) => sum + Math.abs(d), 0) / 2;
    const best = Results.likeliest(differences.map(Math.abs), 3).filter(j => Math.abs(differences[j]) >= 0.005);
    const places = best.map(j => `${Dom.signed(differences[j])} on ${Tokens.name(model, tokens[j])} at ${j}`);
    return `from ${Tokens.name(model, tokens[i])} at ${i}: ${Dom.share(moved)} of the attention is elsewhere${places.length > 0 ? `: ${places.join(", ")}` : ""}`;
  };

  return { mount };
})();
