/** What a head does not read: of the embedding, the positions and earlier heads, through its queries, keys or values. */
const CutControls = (() => {
  const inputs = [["q", "query"], ["k", "key"], ["v", "value"]];

  const create = () => {
    const chooser = Dom.el("select", { id: Dom.id("reader") });
    const head = Dom.el("tr", null, Dom.el("th", { scope: "col", text: "does not read" }), inputs.map(([, name]) => Dom.el("th", { scope: "col", text: name })));
    const body = Dom.el("tbody");
    const list = Dom.el("ul", { class: "cut-list", "aria-label": "Cuts, each of which a press mends" });
    const note = Dom.el("p", { class: "note" });
    const element = Dom.el("div", { class: "cut-controls" },
      Dom.el("div", { class: "under" }, Dom.el("label", { htmlFor: chooser.id, text: "Head that reads" }), chooser),
      Dom.el("table", { class: "cut-matrix" }, Dom.el("caption", { class: "unseen", text: "What the chosen head does not read" }), Dom.el("thead", null, head), body), note, list);
    let built = null;
    let boxes = [];

    // The heads that a choice stands for: "1.*" is all of a layer.
    const readers = (a, choice) => Choices.heads(a).filter(address => choice === address || choice === `${address.split(".")[0]}.*`);
    const cutsFor = (a, source, input) => readers(a, chooser.value).map(address => `${source} -> ${address}.${input}`).filter(cut => Choices.isCut(a, cut));

    const toggle = (a, source, input) => {
      const own = cutsFor(a, source, input);
      const { cuts } = State.get();
      const every = own.every(cut => cuts.includes(cut));
      State.set({ cuts: every ? cuts.filter(cut => !own.includes(cut)) : [...cuts, ...own] });
    };

    const fill = model => {
      const a = model.architecture;
      const layer = Number(chooser.value.split(".")[0]);
      const sources = ["embedding", ...(a.positions === "standard" ? ["positions"] : []), ...Choices.heads(a).filter(address => Number(address.split(".")[0]) < layer)];
      boxes = [];
      body.replaceChildren(...sources.map(source => Dom.el("tr", null, Dom.el("th", { scope: "row", text: source }), inputs.map(([input, name]) => {
        const box = Dom.el("input", { type: "checkbox", "aria-label": `${chooser.value} does not read ${source} through its ${name}`, onchange: () => toggle(a, source, input) });
        boxes.push({ box, source, input });
        return Dom.el("td", null, box);
      }))));
    };

    chooser.addEventListener("change", () => { fill(built); draw(Results.current()); });

    const build = model => {
      built = model;
      const a = model.architecture;
      const options = Array.from({ length: a.n_layers }, (_, layer) => layer).reverse()
        .flatMap(layer => [...(a.n_heads > 1 ? [`${layer}.*`] : []), ...Choices.heads(a).filter(address => address.startsWith(`${layer}.`))]);
      chooser.replaceChildren(...options.map(option => Dom.el("option", { value: option, text: option.endsWith("*") ? `${option} (all of layer ${parseInt(option, 10)})` : option })));
      if (options.length > 0) fill(model);
      element.hidden = options.length === 0;
    };

    const draw = ({ model }) => {
      if (built !== model) build(model);
      const { cuts } = State.get();
      for (const { box, source, input } of boxes) {
        const own = cutsFor(model.architecture, source, input);
        const cut = own.filter(each => cuts.includes(each)).length;
        box.checked = own.length > 0 && cut === own.length;
        box.indeterminate = cut > 0 && cut < own.length;
      }
      Dom.put(note, cuts.length === 0 ? "Nothing is cut." : "Cut; press one to mend it:");
      const items = Dom.pool(list, cuts.length, () => Dom.el("li", null, Dom.el("button", { type: "button", class: "quiet", onclick: event => {
        const { cut } = event.currentTarget.dataset;
        State.set({ cuts: State.get().cuts.filter(other => other !== cut) });
        Dom.say(`mended ${cut}`);
      } }, Dom.el("span"), Dom.el("span", { "aria-hidden": "true", text: " ×" }))));
      cuts.forEach((cut, k) => {
        const button = items[k].firstChild;
        button.dataset.cut = cut;
        Dom.put(button.firstChild, cut);
      });
    };
    return { element, draw };
  };

  return { create };
})();
