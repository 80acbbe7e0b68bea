/** The model as it is, under the interventions, and by the explanation: losses, agreement, and where they part. */
const SideBySide = (() => {
  // Of a text's predictions, in nats.
  const lossOf = (run, tokens) => {
    if (!run || tokens.length < 2) return NaN;
    let sum = 0;
    for (let i = 1; i < tokens.length; i++) sum += Positions.lossAt(run, tokens, i);
    return sum / (tokens.length - 1);
  };

  const columns = ["what runs", "loss on this text", "change", "loss on the fixed texts", "change", "same likeliest", "KL, nats"];

  const create = () => {
    const body = Dom.el("tbody");
    const caption = Dom.el("caption");
    const progress = Dom.el("p", { class: "note fixed-note", "aria-live": "off" });
    const strip = Dom.el("ol", { class: "looked-at parting" });
    const words = Dom.el("p", { class: "note" });
    const element = Dom.el("div", { class: "side-by-side" },
      Dom.el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Model and explanation side by side" },
        Dom.el("table", { class: "numbers wide" }, caption, Dom.el("thead", null, Dom.el("tr", null, columns.map(text => Dom.el("th", { scope: "col", text })))), body)),
      progress, words, strip);
    let fixed = null;

    const rows = result => {
      const { tokens, run, untouched, explained, edits } = result;
      const own = lossOf(untouched, tokens);
      const changed = (of, base) => (of === null || base === null ? "…" : Dom.signed(of - base, 4));
      const beside = (parting, told) => [
        parting ? `${Math.round(100 * parting.filter(p => p.agree).length / parting.length)} %${told ? ` · ${Math.round(100 * told.agree)} %` : ""}` : "–",
        parting ? `${Dom.fixed(parting.reduce((sum, p) => sum + p.kl, 0) / parting.length, 3)}${told ? ` · ${Dom.fixed(told.kl, 3)}` : ""}` : "–",
      ];
      const line = (name, run, told, parting) => {
        const base = fixed?.untouched ?? null;
        return [name, Dom.fixed(lossOf(run, tokens), 4), run === untouched ? "" : Dom.signed(lossOf(run, tokens) - own, 4),
          fixed?.problem && !told ? "–" : told ? Dom.fixed(told.loss, 4) : "…",
          run === untouched ? "" : fixed?.problem ? "–" : changed(told?.loss ?? null, base?.loss ?? null), ...(run === untouched ? ["", ""] : beside(parting, told))];
      };
      if (!run) return [];
      return [
        line("model", untouched, fixed?.untouched, null),
        ...(edits.length > 0 ? [line("model under the interventions", run, fixed?.edited, Results.parting(untouched, run))] : []),
        ...(explained ? [line(edits.length > 0 ? "explanation under the same" : "explanation", explained, fixed?.explained, Results.parting(run, explained))] : []),
      ];
    };

    const item = () => Dom.el("li", null, Dom.el("button", { type: "button", onclick: event => State.set({ position: Number(event.currentTarget.dataset.at) }) }, Dom.el("bdi"), Dom.el("i", { class: "unseen" }), Dom.el("span"), Dom.el("em")));

    const parting = result => {
      const { model, tokens, run, untouched, explained, edits } = result;
      const [first, second, said] = explained ? [run, explained, "model and explanation"] : [untouched, run, "the model with and without the interventions"];
      const shown = run && (explained || edits.length > 0);
      strip.hidden = !shown;
      const items = Dom.pool(strip, shown ? tokens.length : 0, item);
      if (!shown) {
        Dom.put(words, run ? "Switch a head, a cut or an explanation: here stands where the predictions then part." : "");
        return;
      }
      const apart = Results.parting(first, second);
      const differ = apart.filter(p => !p.agree).length;
      const at = Results.position();
      Dom.put(words, `Where ${said} part: KL of what is predicted behind each position, in nats; the likeliest token differs ${differ === 0 ? "nowhere" : `at ${differ} of ${apart.length}`}${differ === 0 ? "" : ", first the model’s"}.`);
      apart.forEach(({ kl, agree }, i) => {
        const button = items[i].firstChild;
        const [name, place, value, both] = button.children;
        const likeliest = run => Tokens.name(model, Results.largest(Results.probabilities(run, i)));
        button.dataset.at = i;
        Dom.put(name, Tokens.name(model, tokens[i]));
        Dom.put(place, ` at ${i}, KL `);
        Dom.put(value, kl < 0.005 ? "·" : Dom.fixed(kl));
        Dom.put(both, agree ? "" : `${likeliest(first)}≠${likeliest(second)}`);
        button.style.setProperty("--p", Math.min(1, kl / 2).toFixed(3));
        Dom.mark(items[i], "class", i === at ? "from" : null);
        Dom.mark(items[i], "data-parts", agree ? null : "");
        button.tabIndex = i === at ? 0 : -1;
      });
    };
    Dom.roving(strip, { items: () => strip.querySelectorAll("button"), chosen: () => Results.position() ?? 0, go: i => State.set({ position: i }) });

    const draw = result => {
      const { model } = result;
      const { texts } = model;
      Dom.put(caption, texts ? `Mean loss in nats; the fixed texts are ${texts.sequences} of the task “${Dom.short(model.task.name)}”. Agreement and KL: this text · fixed texts.` : "Mean loss in nats.");
      const all = rows(result);
      const lines = Dom.pool(body, all.length, () => Dom.el("tr", null, Dom.el("th", { scope: "row" }), columns.slice(1).map(title => Dom.el("td", { "data-heading": title }))));
      all.forEach((row, k) => row.forEach((text, column) => Dom.put(lines[k].children[column], text)));
      Dom.put(progress, fixed?.problem ?? (fixed && !fixed.done ? `Fixed texts: ${Math.round(100 * fixed.share)} % measured` : ""));
      parting(result);
    };

    FixedLoss.follow(news => {
      fixed = news;
      draw(Results.current());
      if (news.done && news.edited && !news.problem) Dom.say(`Loss on the fixed texts ${Dom.fixed(news.edited.loss, 3)}, ${Dom.signed(news.edited.loss - news.untouched.loss, 3)}`);
    });
    return { element, draw };
  };

  return { create };
})();
