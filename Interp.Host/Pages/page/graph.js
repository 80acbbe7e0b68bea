/** Who reads whom, as a graph: what writes below, heads above it layer by layer, an edge for each input of a head that reads it. */
const Graph = (() => {
  const node = { width: 46, height: 26 }, margin = 16, widest = 8;
  const ports = { q: -15, k: 0, v: 15 };

  const path = (from, to) => {
    const bend = Math.max(24, (from.y - to.y) * 0.45);
    return `M${from.x} ${from.y}C${from.x} ${from.y - bend} ${to.x} ${to.y + bend} ${to.x} ${to.y}`;
  };

  /**
   * Makes a graph.
   * @param {object} options
   * `label`, `name` of the saved file; `layers` of `heads`; `sources`: names of what writes before the first layer; `chosen`: "LAYER.HEAD" or null;
   * `edges`: { key, from: name, to: "LAYER.HEAD", input: "q" | "k" | "v", strength: 0..1 | null, faint, cut, words }; `nodeWords(name)`;
   * `onEdge(edge)`, `onNode(name)`
   * @returns {{ element: Element, update: (partial: object) => void }}
   */
  const create = options => {
    const own = { label: "graph", name: "graph", layers: 0, heads: 0, sources: [], chosen: null, edges: [], nodeWords: name => name, onEdge: () => {}, onNode: () => {}, ...options };
    const edges = Dom.svg("g", { class: "edges" }), nodes = Dom.svg("g", { class: "nodes" });
    const writing = Dom.svg("g", { "aria-hidden": "true" }), svg = Dom.svg("svg", { class: "graph", role: "group" }, edges, nodes, writing);
    const scroller = Dom.el("div", { class: "graph-scroll" }, svg);
    const words = Dom.el("p", { class: "graph-words", "aria-hidden": "true" });
    const element = Dom.el("div", { class: "graph-box" }, scroller, words,
      Saving.buttons({ name: () => own.name, svg: () => (own.edges.length ? Saving.ofDrawing(svg, own.label) : null) }));
    let room = 0, at = "", pointed = null;

    const items = () => [...nodes.children, ...edges.children];
    const keyOf = item => item.getAttribute("data-key");

    const tell = () => {
      const edge = own.edges.find(edge => edge.key === pointed);
      Dom.put(words, edge ? edge.words : pointed ? own.nodeWords(pointed) : "Hover an edge, or walk them with the arrow keys; a click or Enter cuts it, and another restores it.");
      for (const item of edges.children) {
        const [from, to] = [item.getAttribute("data-from"), item.getAttribute("data-to")];
        item.classList.toggle("beside", pointed !== null && keyOf(item) !== pointed && from !== pointed && to !== pointed);
      }
    };

    const drawNode = (name, x, y) => {
      const isHead = name.includes(".");
      const shape = Dom.svg("g", {
        class: `node${own.chosen === name ? " chosen" : ""}`, "data-key": name, tabindex: -1, role: isHead ? "button" : "img",
        "aria-pressed": isHead ? String(own.chosen === name) : null, "aria-label": own.nodeWords(name),
      });
      const width = isHead ? node.width : 92;
      shape.append(Dom.svg("rect", { x: x - width / 2, y: y - node.height / 2, width, height: node.height, rx: 6 }));
      return shape;
    };

    // Beside the nodes, whose names say it.
    const write = (name, x, y) => [
      Dom.svg("text", { x, y: y + 0.5, "text-anchor": "middle" }, name),
      ...(name.includes(".") ? Object.entries(ports) : []).map(([input, offset]) =>
        Dom.svg("text", { class: "port", x: x + offset, y: y + node.height / 2 + 7, "text-anchor": "middle" }, input)),
    ];

    const draw = () => {
      if (!Seen.printing() || !room) room = Math.floor(scroller.clientWidth) || room;
      if (!room) return;
      const focused = items().find(item => item === document.activeElement);
      const width = Math.max(Math.min(room, 900), own.heads * (node.width + 12) + 2 * margin, 240);
      const rowGap = Math.max(118, Math.min(170, width / 5));
      const height = margin * 2 + node.height + own.layers * rowGap;
      const y = row => height - margin - node.height / 2 - row * rowGap;
      const spread = (i, count) => margin + (i + 0.5) * (width - 2 * margin) / count;
      const places = new Map(own.sources.map((name, i) => [name, { x: spread(i, own.sources.length), y: y(0) }]));
      for (let layer = 0; layer < own.layers; layer++) {
        for (let head = 0; head < own.heads; head++) places.set(`${layer}.${head}`, { x: spread(head, own.heads), y: y(layer + 1) });
      }
      edges.replaceChildren(...own.edges.map(edge => {
        const [from, to] = [places.get(edge.from), places.get(edge.to)];
        const d = path({ x: from.x, y: from.y - node.height / 2 }, { x: to.x + ports[edge.input], y: to.y + node.height / 2 + 12 });
        return Dom.svg("g", {
          class: `edge reads-${edge.input}${edge.faint ? " faint" : ""}${edge.cut ? " cut" : ""}`, "data-key": edge.key, "data-from": edge.from, "data-to": edge.to,
          tabindex: -1, role: "button", "aria-pressed": String(edge.cut), "aria-label": edge.words,
        }, Dom.svg("path", { class: "grip", "data-grip": "", d }), Dom.svg("path", { class: "line", d, "stroke-width": edge.strength === null ? 1 : Math.max(0.8, edge.strength * widest).toFixed(2) }));
      }));
      nodes.replaceChildren(...[...places].map(([name, place]) => drawNode(name, place.x, place.y)));
      writing.replaceChildren(...[...places].flatMap(([name, place]) => write(name, place.x, place.y)));
      Dom.mark(svg, "viewBox", `0 0 ${width} ${height}`);
      Dom.mark(svg, "width", width);
      Dom.mark(svg, "height", height);
      Dom.mark(svg, "aria-label", own.label);
      const current = items().find(item => keyOf(item) === at) ?? items()[0];
      current?.setAttribute("tabindex", "0");
      if (focused) current?.focus({ preventScroll: true });
      tell();
    };

    const view = Seen.view(element, draw);
    new ResizeObserver(() => { if (!Seen.printing() && Math.floor(scroller.clientWidth) !== room) view.changed(); }).observe(element);

    const itemOf = event => event.target.closest?.("[data-key]") ?? null;
    const point = item => {
      const key = item ? keyOf(item) : null;
      if (key !== pointed) { pointed = key; tell(); }
    };
    const choose = item => {
      at = keyOf(item);
      const edge = own.edges.find(edge => edge.key === at);
      if (edge) own.onEdge(edge);
      else if (at.includes(".")) own.onNode(at);
    };
    svg.addEventListener("pointermove", event => point(itemOf(event)));
    svg.addEventListener("pointerleave", () => point(null));
    svg.addEventListener("focusin", event => { at = keyOf(itemOf(event)); point(itemOf(event)); });
    svg.addEventListener("focusout", () => point(null));
    svg.addEventListener("click", event => { const item = itemOf(event); if (item) choose(item); });
    Dom.walk(svg, { items, at: () => items().findIndex(item => keyOf(item) === at), go: i => { at = keyOf(items()[i]); }, act: i => choose(items()[i]) });

    const update = partial => {
      Object.assign(own, partial);
      view.changed();
    };
    return { element, update };
  };

  return { create };
})();
