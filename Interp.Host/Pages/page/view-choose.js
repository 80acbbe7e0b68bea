/** Which model the page shows, after how many steps, and what kind of model it is. */
const ViewChoose = (() => {
  const positions = { study: "positions of the study", standard: "learned positions", rotary: "rotary positions", none: "no positions" };
  const smears = { none: null, keys: "smeared keys", queries: "smeared queries", both: "smeared keys and queries" };

  /** A model's kind in words. */
  const kindInWords = model => {
    const a = model.architecture;
    const heads = a.n_layers === 0 ? "no layers" : `${Dom.count(a.n_layers, "layer")} of ${Dom.count(a.n_heads, "head")}, d_head ${a.d_head}`;
    return [heads, `d_model ${a.d_model}`, `${a.d_vocab} tokens (${Tokens.describe(model)})`, `reads ${a.n_ctx} at most`, positions[a.positions] ?? a.positions, smears[a.smear]].filter(Boolean).join(" · ");
  };

  /** A snapshot's name: "10000 steps". */
  const snapshotInWords = (model, number) => {
    const { step } = model.snapshots[number];
    return step === null ? (number === model.snapshots.length - 1 ? "trained" : `snapshot ${number}`) : Dom.count(step, "step");
  };

  const mount = element => {
    const { models } = Decode.data();
    const select = (label, change) => {
      const control = Dom.el("select", { id: Dom.id("choice"), onchange: () => change(Number(control.value)) });
      return { control, box: Dom.el("div", { class: "picker" }, Dom.el("label", { htmlFor: control.id, text: label }), control) };
    };
    const model = select("Model", number => State.set({ model: number }));
    const snapshot = select("After", number => State.set({ snapshot: number }));
    model.control.append(...models.map((each, number) => Dom.el("option", { value: String(number), text: Dom.short(each.name, 80) })));
    model.box.hidden = models.length < 2;
    const facts = Dom.el("p", { class: "note model-facts" });
    const reset = Dom.el("button", { type: "button", class: "quiet", text: "Everything as at the beginning", onclick: () => { State.reset(); Dom.say("Everything is as at the beginning"); } });
    element.append(Dom.el("div", { class: "under" }, model.box, snapshot.box, reset), facts);
    let filled = null;

    const draw = () => {
      const state = State.get();
      const chosen = models[state.model];
      if (filled !== chosen) {
        filled = chosen;
        snapshot.control.replaceChildren(...chosen.snapshots.map((_, number) => Dom.el("option", { value: String(number), text: snapshotInWords(chosen, number) })));
      }
      snapshot.box.hidden = chosen.snapshots.length < 2;
      model.control.value = String(state.model);
      snapshot.control.value = String(state.snapshot);
      const task = chosen.task ? `task “${Dom.short(chosen.task.name)}”` : null;
      Dom.put(facts, [models.length < 2 ? Dom.short(chosen.name, 80) : null, kindInWords(chosen), task, chosen.snapshots.length < 2 && chosen.snapshots[0].step !== null ? snapshotInWords(chosen, 0) : null].filter(Boolean).join(" · "));
    };
    State.subscribe(draw);
    draw();
  };

  return { mount, snapshotInWords };
})();
