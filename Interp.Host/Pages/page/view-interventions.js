/** Poking the model: heads and cuts, explanations in its place, and what that does to its predictions. */
const ViewInterventions = (() => {
  // The explanations as radio buttons; the first is none.
  const explanations = () => {
    const box = Dom.el("div", { class: "explanations", role: "radiogroup", "aria-label": "Explanation beside the model" });
    const name = Dom.id("explanation");
    let built = null;
    let radios = [];
    const find = Dom.el("input", { type: "text", class: "typed find", placeholder: "Find", "aria-label": "Find an explanation", autocomplete: "off", spellcheck: "false" });
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      for (const { input, label, said } of radios) label.hidden = !input.checked && !said.includes(wanted);
    });
    const option = (number, title, text, numbers) => {
      const input = Dom.el("input", { type: "radio", name, value: number ?? "", onchange: () => State.set({ explanation: number }) });
      const label = Dom.el("label", { class: "explanation" }, input, Dom.el("span", null, Dom.name(title, { class: "explanation-name" }),
        text !== null && text !== title ? Dom.el("code", null, Dom.name(text)) : null, numbers === null || numbers === undefined ? null : Dom.el("small", { text: ` keeps ${Dom.count(numbers, "number")}` })));
      radios.push({ number, input, label, said: `${title} ${text ?? ""}`.toLowerCase() });
      return label;
    };
    const draw = ({ model }) => {
      if (built !== model) {
        built = model;
        radios = [];
        find.value = "";
        find.hidden = model.explanations.length < 12;
        box.replaceChildren(option(null, "no explanation: the model alone", null, null), ...model.explanations.map((e, k) => option(k, e.name, e.text, e.numbers)));
      }
      const chosen = State.get().explanation;
      for (const { number, input, label } of radios) {
        if (input.checked === (number === chosen)) continue;
        input.checked = number === chosen;
        // Chosen elsewhere, by a link perhaps: the list, not the page, moves to it.
        if (input.checked) box.scrollTop = label.offsetTop - box.offsetTop - 8;
      }
    };
    return { element: Dom.el("div", null, find, box), draw };
  };

  const mount = element => {
    const heads = HeadControls.create();
    const cuts = CutControls.create();
    const switches = explanations();
    const table = SideBySide.create();
    const undo = Dom.el("button", { type: "button", text: "Undo all interventions", onclick: () => { State.set({ heads: {}, cuts: [] }); Dom.say("No interventions"); } });
    const state = Dom.el("p", { class: "note", id: Dom.id("edits") });
    const trouble = Dom.el("p", { class: "trouble", hidden: true });
    const noExplanations = Dom.el("p", { class: "note", text: "This page brings no explanations of the model; interp explore takes them with --with." });
    element.append(
      Dom.el("div", { class: "under" }, undo, state), trouble, table.element,
      Dom.el("div", { class: "poke" },
        Dom.el("div", null, Dom.el("h3", { text: "Heads" }), heads.element),
        Dom.el("div", null, Dom.el("h3", { text: "Explanations" }), switches.element, noExplanations),
        Dom.el("div", null, Dom.el("h3", { text: "Cuts" }), cuts.element)));

    const draw = () => {
      const result = Results.current();
      const { heads: edited, cuts: cut } = State.get();
      const count = Object.keys(edited).length;
      heads.draw(result);
      cuts.draw(result);
      switches.draw(result);
      table.draw(result);
      noExplanations.hidden = result.model.explanations.length > 0;
      undo.disabled = count + cut.length === 0;
      Dom.put(state, count + cut.length === 0 ? "The model as it is." : `${Dom.list([...(count > 0 ? [Dom.count(count, "head") + " changed"] : []), ...(cut.length > 0 ? [Dom.count(cut.length, "cut")] : [])])}.`);
      const said = [result.error, result.explanationError, ...result.left].filter(Boolean).join(" ");
      trouble.hidden = said === "";
      Dom.put(trouble, said);
    };
    const view = Seen.view(element, draw);
    State.subscribe(view.changed);
    view.changed();
  };

  return { mount };
})();
