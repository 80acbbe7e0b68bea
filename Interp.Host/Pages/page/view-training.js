/** The model on its way: a slider over the weights that the run kept, which every view follows. */
const ViewTraining = (() => {
  const pace = 450, slowPace = 1200;
  const [wide, high, edge] = [640, 120, 26];

  const mount = element => {
    const none = Dom.el("p", { class: "note", text: "This model brings only its last weights. A run that is trained with --snapshots N keeps more, and its page has a slider over them." });
    const slider = Dom.el("input", { type: "range", min: 0, step: 1, id: Dom.id("snapshot") });
    const label = Dom.el("label", { htmlFor: slider.id, text: "Training" });
    const words = Dom.el("output", { htmlFor: slider.id, class: "numbers-line" });
    const play = Dom.el("button", { type: "button", text: "Play", "aria-pressed": "false" });
    const back = Dom.el("button", { type: "button", class: "quiet", text: "‹", "aria-label": "Snapshot before" });
    const on = Dom.el("button", { type: "button", class: "quiet", text: "›", "aria-label": "Next snapshot" });
    const line = Dom.svg("path", { class: "curve" });
    const mark = Dom.svg("line", { class: "now", y1: 4, y2: high - edge + 4 });
    const dot = Dom.svg("circle", { class: "now", r: 4 });
    const ticks = Dom.svg("g");
    const curve = Dom.svg("svg", { class: "loss-curve", viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": "Loss over the snapshots" }, ticks, line, mark, dot);
    const box = Dom.el("div", { class: "training" }, Dom.el("div", { class: "under" }, play, back, on, label, words), slider, curve);
    element.append(none, box);
    let timer = 0;

    const count = () => Results.current().model.snapshots.length;
    const go = number => State.set({ snapshot: Math.max(0, Math.min(count() - 1, number)) });
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      Dom.put(play, "Play");
      Dom.mark(play, "aria-pressed", "false");
    };
    const tick = () => {
      if (State.get().snapshot >= count() - 1) stop(); else go(State.get().snapshot + 1);
    };
    play.addEventListener("click", () => {
      if (timer) { stop(); return; }
      if (State.get().snapshot >= count() - 1) go(0);
      timer = setInterval(tick, Dom.still() ? slowPace : pace);
      Dom.put(play, "Pause");
      Dom.mark(play, "aria-pressed", "true");
    });
    slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
    back.addEventListener("click", () => { stop(); go(State.get().snapshot - 1); });
    on.addEventListener("click", () => { stop(); go(State.get().snapshot + 1); });
    const x = (number, n) => 8 + (n < 2 ? 0 : number / (n - 1)) * (wide - 16);
    curve.addEventListener("click", event => {
      const bounds = curve.getBoundingClientRect();
      stop();
      go(Math.round(((event.clientX - bounds.left) / bounds.width * wide - 8) / (wide - 16) * (count() - 1)));
    });

    let drawn = null;
    let height = () => high;
    const drawCurve = model => {
      drawn = model;
      const n = model.snapshots.length;
      const losses = model.snapshots.map(snapshot => snapshot.loss).map(loss => (Number.isFinite(loss) ? loss : null));
      const known = losses.filter(loss => loss !== null);
      curve.toggleAttribute("hidden", known.length < 2);
      if (known.length < 2) return;
      const floor = model.task?.floor ?? null;
      const [low, top] = [Math.min(...known, floor ?? Infinity), Math.max(...known)];
      height = loss => 8 + (1 - (loss - low) / (top - low || 1)) * (high - edge - 12);
      let d = "";
      losses.forEach((loss, i) => { if (loss !== null) d += `${d === "" || losses[i - 1] === null ? "M" : "L"}${x(i, n).toFixed(1)} ${height(loss).toFixed(1)}`; });
      line.setAttribute("d", d);
      const tick = (number, anchor) => Dom.svg("text", { x: x(number, n), y: high - 6, "text-anchor": anchor }, `step ${model.snapshots[number].step ?? number}`);
      ticks.replaceChildren(tick(0, "start"), ...(n > 2 ? [tick(Math.floor((n - 1) / 2), "middle")] : []), tick(n - 1, "end"),
        ...(floor === null ? [] : [Dom.svg("line", { class: "floor", x1: 8, x2: wide - 8, y1: height(floor), y2: height(floor) }), Dom.svg("text", { x: 10, y: height(floor) - 4 }, `floor ${Dom.fixed(floor, 3)}`)]));
      Dom.mark(curve, "aria-label", `Loss over the snapshots, from ${Dom.fixed(known[0], 3)} to ${Dom.fixed(known.at(-1), 3)} nats${floor === null ? "" : `; the floor is ${Dom.fixed(floor, 3)}`}`);
    };

    const draw = () => {
      const { model } = Results.current();
      const { snapshot } = State.get();
      const n = model.snapshots.length;
      none.hidden = n > 1;
      box.hidden = n < 2;
      if (n < 2) { stop(); return; }
      if (drawn !== model) drawCurve(model);
      slider.max = String(n - 1);
      slider.value = String(snapshot);
      const { loss } = model.snapshots[snapshot];
      const said = `${ViewChoose.snapshotInWords(model, snapshot)}${Number.isFinite(loss) ? `, loss ${Dom.fixed(loss, 3)}` : ""}`;
      Dom.put(words, said);
      Dom.mark(slider, "aria-valuetext", said);
      back.disabled = snapshot === 0;
      on.disabled = snapshot === n - 1;
      const at = x(snapshot, n);
      for (const [name, value] of [["x1", at], ["x2", at]]) mark.setAttribute(name, value);
      dot.setAttribute("cx", at);
      dot.setAttribute("cy", Number.isFinite(loss) ? height(loss) : -20);
    };
    const view = Seen.view(element, draw);
    State.subscribe(view.changed);
    view.changed();
  };

  return { mount };
})();
