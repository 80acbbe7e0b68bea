/** What each head does: all of it, nothing, its mean, its pattern kept, another text's pattern. */
const HeadControls = (() => {
  const kinds = [
    ["on", "on", "The head as it is."],
    ["zero", "zero", "The head writes nothing."],
    ["mean", "mean", "The head writes its mean at each position, over other sequences of the task."],
    ["freeze", "freeze", "The head keeps the pattern that it has without any intervention."],
    ["pattern", "pattern of", "The head looks where it looks in another text."],
  ];

  const create = () => {
    const box = Dom.el("div", { class: "head-controls" });
    let built = null;
    let rows = [];

    const set = (address, kind, text) => {
      const { [address]: gone, ...rest } = State.get().heads;
      State.set({ heads: kind === "on" ? rest : { ...rest, [address]: kind === "pattern" ? { pattern: text } : kind } });
    };

    const row = (model, address) => {
      const name = Dom.id("head");
      const field = Dom.el("input", { type: "text", class: "typed other-text", "aria-label": `Text whose pattern head ${address} takes`, spellcheck: "false", autocapitalize: "off", autocomplete: "off", maxlength: 4000, dir: "auto", hidden: true });
      field.addEventListener("input", () => set(address, "pattern", field.value));
      const radios = kinds.map(([kind, label, title]) => {
        const input = Dom.el("input", { type: "radio", name, value: kind, disabled: kind === "mean" && !model.mean_over });
        input.addEventListener("change", () => {
          // Another text to begin with: this one from behind, again and again, so that it is long enough for any.
          const { tokens } = Results.current();
          const other = field.value || Tokens.toText(model, Array.from({ length: model.architecture.n_ctx }, (_, i) => tokens.at(-1 - (i % tokens.length)) ?? 0));
          set(address, kind, other);
          if (kind === "pattern") field.focus();
        });
        return { kind, input, label: Dom.el("label", { title }, input, Dom.el("span", { text: label })) };
      });
      const fieldset = Dom.el("fieldset", { class: "head-control" }, Dom.el("legend", { text: address }), Dom.el("div", { class: "segments" }, radios.map(r => r.label)), field);
      return { address, fieldset, field, radios };
    };

    const layerButtons = (model, layer) => ["on", "zero"].map(kind => Dom.el("button", {
      type: "button", class: "quiet", "aria-label": `all ${kind} in layer ${layer}`, text: `all ${kind}`,
      onclick: () => {
        const heads = { ...State.get().heads };
        for (let head = 0; head < model.architecture.n_heads; head++) {
          if (kind === "on") delete heads[`${layer}.${head}`]; else heads[`${layer}.${head}`] = kind;
        }
        State.set({ heads });
      },
    }));

    const build = model => {
      built = model;
      const a = model.architecture;
      rows = Choices.heads(a).map(address => row(model, address));
      box.replaceChildren(...Array.from({ length: a.n_layers }, (_, layer) => Dom.el("div", { class: "layer-controls" },
        Dom.el("div", { class: "under" }, Dom.el("span", { class: "label", text: `layer ${layer}` }), layerButtons(model, layer)),
        Dom.el("div", { class: "head-rows" }, rows.slice(layer * a.n_heads, (layer + 1) * a.n_heads).map(r => r.fieldset)))));
    };

    const draw = ({ model }) => {
      if (built !== model) build(model);
      const { heads } = State.get();
      for (const { address, fieldset, field, radios } of rows) {
        const how = heads[address];
        const kind = how === undefined ? "on" : how.pattern !== undefined ? "pattern" : how;
        for (const radio of radios) if (radio.input.checked !== (radio.kind === kind)) radio.input.checked = radio.kind === kind;
        field.hidden = kind !== "pattern";
        if (kind === "pattern" && field.value !== how.pattern) field.value = how.pattern;
        Dom.mark(fieldset, "data-edited", kind === "on" ? null : kind);
      }
    };
    return { element: box, draw };
  };

  return { create };
})();
