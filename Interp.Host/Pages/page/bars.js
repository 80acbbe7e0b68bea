/** Signed numbers as bars, in rows (names at the left) or in columns (names below): blue raises, orange lowers. */
const Bars = (() => {
  const rowHeight = 23, columnHeight = 118, names = 30;
  const pen = document.createElement("canvas").getContext("2d");
  const widthOf = (text, size, family) => {
    pen.font = `${size}px ${family}`;
    return pen.measureText(text).width;
  };

  const put = (node, attributes) => { for (const [name, value] of Object.entries(attributes)) Dom.mark(node, name, value); };

  const makeBar = () => Dom.svg("g", { class: "bar", tabindex: -1 },
    Dom.svg("rect", { class: "grip", "data-grip": "" }), Dom.svg("rect", { class: "body" }));

  // Beside the bars, whose names say all of it.
  const makeText = () => Dom.svg("g", {}, Dom.svg("text", { class: "bar-name" }), Dom.svg("text", { class: "bar-value" }));

  // So many characters as there is room for.
  const fit = (text, room, family) => {
    if (widthOf(text, 13, family) <= room) return text;
    const characters = [...text];
    while (characters.length > 1 && widthOf(characters.join("") + "…", 13, family) > room) characters.pop();
    return characters.join("") + "…";
  };

  const layRows = (bars, texts, zero, own, room, digits) => {
    const { mono } = Colours.now();
    const values = own.items.map(item => item.value ?? 0);
    const low = Math.min(0, ...values), high = Math.max(0, ...values), span = high - low || 1;
    const numbers = own.items.map(item => Dom.fixed(item.value, digits));
    const wide = Math.max(48, ...numbers.map(text => widthOf(text, 13, mono) + 10));
    const longest = Math.max(20, ...own.items.map(item => widthOf(Dom.shown(item.name), 13, mono)));
    const left = Math.min(longest + 10, room * 0.42), right = room - wide;
    const x = value => left + (value - low) / span * (right - left);
    own.items.forEach((item, i) => {
      const [grip, body] = bars[i].children, [name, value] = texts[i].children, y = i * rowHeight;
      put(grip, { x: 0, y, width: room, height: rowHeight });
      put(body, { x: Math.min(x(0), x(item.value ?? 0)), y: y + 4, width: Math.max(0.5, Math.abs(x(item.value ?? 0) - x(0))), height: rowHeight - 8 });
      put(name, { x: left - 8, y: y + rowHeight / 2, "text-anchor": "end" });
      Dom.put(name, fit(Dom.shown(item.name), left - 10, mono));
      put(value, { x: room - 2, y: y + rowHeight / 2, "text-anchor": "end" });
      Dom.put(value, numbers[i]);
    });
    put(zero, { x1: x(0), x2: x(0), y1: 0, y2: own.items.length * rowHeight });
    return [room, own.items.length * rowHeight];
  };

  const layColumns = (bars, texts, zero, own, room) => {
    const { mono } = Colours.now();
    const count = own.items.length;
    const cell = Math.max(6, Math.min(26, Math.floor(room / Math.max(1, count))));
    const values = own.items.map(item => item.value ?? 0);
    const low = Math.min(0, ...values), high = Math.max(0, ...values), span = high - low || 1;
    const y = value => 3 + (high - value) / span * (columnHeight - 6);
    const longest = Math.max(...own.items.map(item => widthOf(Dom.shown(item.name), 12, mono)));
    const turned = longest > 16 && longest + 4 > cell;
    const step = Math.ceil((turned ? 14 : longest + 3) / cell);
    own.items.forEach((item, i) => {
      const [grip, body] = bars[i].children, [name, value] = texts[i].children, x = i * cell;
      put(grip, { x, y: 0, width: cell, height: columnHeight + 18 });
      put(body, { x: x + (cell > 9 ? 2 : 0.5), y: Math.min(y(0), y(item.value ?? 0)), width: cell - (cell > 9 ? 4 : 1), height: Math.max(0.5, Math.abs(y(item.value ?? 0) - y(0))) });
      const middle = x + cell / 2;
      put(name, turned
        ? { x: null, y: null, "text-anchor": "end", transform: `translate(${middle} ${columnHeight + 6}) rotate(-90)` }
        : { x: middle, y: columnHeight + 9, "text-anchor": "middle", transform: null });
      Dom.put(name, i % step === 0 ? fit(Dom.shown(item.name), turned ? 70 : 200, mono) : "");
      Dom.put(value, "");
    });
    put(zero, { x1: 0, x2: count * cell, y1: y(0), y2: y(0) });
    return [count * cell, columnHeight + (turned ? Math.min(longest, 70) + 12 : names - 10)];
  };

  /**
   * Makes bars.
   * @param {object} options
   * `label` names them to everyone, `title` (else the label) in the saved picture, `name` is that of saved files; `across`: "rows" or "columns"; `items`: { name, value, words, chosen?, rest? } in the order
   * shown; `onChoose(i)`; `digits`; `table()` gives the rows of the CSV where they are more than the items
   * @returns {{ element: Element, update: (partial: object) => void }}
   */
  const create = options => {
    const own = { label: "bars", name: "bars", across: "rows", items: [], onChoose: null, digits: 3, table: null, ...options };
    const zero = Dom.svg("line", { class: "zero" });
    const group = Dom.svg("g"), writing = Dom.svg("g", { class: "writing", "aria-hidden": "true" });
    const svg = Dom.svg("svg", { class: `bars ${own.across}`, role: "group" }, group, writing, zero);
    const words = Dom.el("p", { class: "bars-words", "aria-hidden": "true" });
    const scroller = Dom.el("div", { class: "bars-scroll" }, svg);
    const csv = () => own.items.length === 0 ? null
      : Saving.csv(own.table ? own.table() : [["name", "value"], ...own.items.map(item => [item.name, item.value])]);
    const element = Dom.el("div", { class: "bars-box" }, scroller, words,
      Saving.buttons({ name: () => own.name, svg: () => (own.items.length ? Saving.ofDrawing(svg, own.title ?? own.label) : null), csv }));
    let room = 0, at = 0, pointed = null;

    const tell = () => {
      const item = own.items[pointed ?? own.items.findIndex(item => item.chosen)];
      Dom.put(words, item ? item.words ?? `${Dom.shown(item.name)}: ${Dom.fixed(item.value, own.digits)}` : "");
    };

    const draw = () => {
      if (!Seen.printing() || !room) room = Math.floor(scroller.clientWidth) || room;
      if (!room) return;
      Dom.mark(svg, "aria-label", own.label);
      const bars = Dom.pool(group, own.items.length, makeBar), texts = Dom.pool(writing, own.items.length, makeText);
      at = Math.max(0, Math.min(at, own.items.length - 1));
      own.items.forEach((item, i) => {
        put(texts[i], { class: item.chosen ? "chosen" : null });
        const raises = (item.value ?? 0) >= 0, choosable = own.onChoose && !item.rest;
        put(bars[i], {
          "data-index": i, class: `bar ${raises ? "raise" : "lower"}${item.chosen ? " chosen" : ""}${item.rest ? " rest" : ""}`,
          role: choosable ? "button" : "img", "aria-pressed": choosable ? String(Boolean(item.chosen)) : null,
          tabindex: i === at ? 0 : -1, "aria-label": item.words ?? `${Dom.shown(item.name)}: ${Dom.fixed(item.value, own.digits)}`,
        });
      });
      const [wide, high] = own.items.length === 0 ? [room, 1] : (own.across === "rows" ? layRows : layColumns)(bars, texts, zero, own, room, own.digits);
      put(svg, { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high });
      tell();
    };

    const view = Seen.view(element, draw);
    new ResizeObserver(() => { if (!Seen.printing() && Math.floor(scroller.clientWidth) !== room) view.changed(); }).observe(element);

    const indexOf = event => {
      const bar = event.target.closest?.(".bar");
      return bar ? Number(bar.getAttribute("data-index")) : null;
    };
    const choose = i => { if (!own.items[i].rest) own.onChoose?.(i); };
    const point = i => { if (i !== pointed) { pointed = i; tell(); } };
    svg.addEventListener("pointermove", event => point(indexOf(event)));
    svg.addEventListener("pointerleave", () => point(null));
    svg.addEventListener("focusin", event => point(indexOf(event)));
    svg.addEventListener("focusout", () => point(null));
    svg.addEventListener("click", event => {
      const i = indexOf(event);
      if (i === null) return;
      at = i;
      choose(i);
    });
    Dom.walk(svg, { items: () => group.children, at: () => at, go: i => { at = i; }, act: i => (own.onChoose ? choose(i) : false) });

    const update = partial => {
      Object.assign(own, partial);
      pointed = null;
      view.changed();
    };
    return { element, update };
  };

  return { create };
})();
