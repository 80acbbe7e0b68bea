/** Why this token here: its logit as an exact sum over paths or over heads, and each term by the positions that it comes from. */
const ViewAttribution = (() => {
  const shownTerms = 20;
  // Multiplications of a sum over paths that a keystroke may cost.
  const budget = 3e7;
  // Of the largest term: beyond it two sums are not the same.
  const tolerance = 1e-6;

  const nameOf = ({ source, heads }) => {
    const way = heads.map(({ layer, head }) => `${layer}.${head}`).join(" > ");
    return source === "positions" ? (way ? `positions > ${way}` : "positions") : way || "direct path";
  };
  // In a sentence.
  const spoken = ({ name, term }) => (term.heads.length > 0 ? name : term.source === "positions" ? "what the positions write directly" : "the direct path");
  const keyOf = term => nameOf(term).replaceAll(" > ", ">").replace("direct path", "direct");

  const centred = (logits, start, vocab, target) => {
    let sum = 0;
    for (let j = 0; j < vocab; j++) sum += logits[start + j];
    return logits[start + target] - sum / vocab;
  };

  const pathCount = a => (a.n_heads + 1) ** a.n_layers * (a.positions === "standard" ? 2 : 1);
  const cost = (a, length) => pathCount(a) * length * (2 * a.d_model * a.d_head + a.d_model * a.d_vocab + length * a.d_model / 2);

  const pathsOf = (M, tokens, run) => Once.of(run, "paths", () => Paths.of(M, tokens, run));

  // { terms: { term, key, name, value }[], holds, sum } of a way to split the logit.
  const split = (terms, start, vocab, target, logit) => {
    const valued = terms.map(term => ({ term, key: keyOf(term), name: nameOf(term), value: centred(term.logits, start, vocab, target) }));
    const sum = valued.reduce((total, { value }) => total + value, 0);
    const largest = Math.max(1, ...valued.map(({ value }) => Math.abs(value)));
    return { terms: valued.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)), sum, holds: Math.abs(sum - logit) <= tolerance * largest };
  };

  const heads = edits => Dom.list([...new Set(edits.map(({ layer, head }) => `${layer}.${head}`))].slice(0, 6));

  const mount = element => {
    const slider = Dom.el("input", { type: "range", min: 0, step: 1, "aria-label": "position" }), place = Dom.el("output");
    slider.addEventListener("input", () => State.set({ position: Number(slider.value) }));
    const target = Dom.el("select");
    target.addEventListener("change", () => State.set({ target: target.value === "" ? null : target.value === "next" ? "next" : Number(target.value) }));
    const group = Dom.id("terms");
    const radios = [["paths", "every path"], ["writers", "every head, all that it writes"]].map(([mode, label]) => {
      const input = Dom.el("input", { type: "radio", name: group, value: mode });
      input.addEventListener("change", () => State.set({ terms: mode, term: "" }));
      return { mode, input, label: Dom.el("label", { class: "choice" }, input, label) };
    });
    const question = Dom.el("p", { class: "question" }), notes = Dom.el("p", { class: "note" }), sum = Dom.el("p", { class: "note" }), sourceWords = Dom.el("p", { class: "note" });
    const trouble = Dom.el("p", { class: "note" }), sourceTitle = Dom.el("h3");
    let shown = [];
    const bars = Bars.create({ label: "terms", onChoose: i => { if (shown[i]) State.set({ term: shown[i].key }); } });
    const sources = Bars.create({ label: "source positions", across: "columns" });
    const body = Dom.el("div", { class: "circuit-columns" },
      Dom.el("div", { class: "circuit-part" }, Dom.el("h3", { text: "The sum" }), bars.element, sum),
      Dom.el("div", { class: "circuit-part" }, sourceTitle, sources.element, sourceWords));
    element.classList.add("attribution");
    element.append(Dom.el("div", { class: "choices" },
      Dom.el("label", { class: "choice" }, "Position ", slider, place), Dom.el("label", { class: "choice" }, "Token ", target),
      Dom.el("fieldset", {}, Dom.el("legend", { text: "Terms" }), radios.map(radio => radio.label))), trouble, question, notes, body);

    let listed = null;
    const updateChoices = (model, tokens, position, likeliest, chosen) => {
      const name = token => Tokens.name(model, token);
      if (listed !== model) {
        listed = model;
        target.replaceChildren(Dom.el("option", { value: "" }), Dom.el("option", { value: "next" }),
          ...model.tokens.names.map((_, token) => Dom.el("option", { value: token, text: name(token) })));
      }
      const next = tokens[position + 1];
      Dom.put(target.options[0], `the likeliest (${name(likeliest)})`);
      Dom.put(target.options[1], next === undefined ? "what truly follows (nothing yet)" : `what truly follows (${name(next)})`);
      target.options[1].disabled = next === undefined;
      target.value = chosen === null ? "" : String(chosen);
      slider.max = tokens.length - 1;
      slider.value = position;
      Dom.put(place, `${position}, behind ${name(tokens[position])}`);
      Dom.mark(slider, "aria-valuetext", `position ${position}, behind ${name(tokens[position])}`);
    };

    const splitOf = (result, position, token, mode, logit) => {
      const { M, tokens, run, edits } = result, a = M.architecture, vocab = a.d_vocab;
      const writers = () => split(Writers.of(M, tokens, run, position), 0, vocab, token, logit);
      if (mode === "writers") return { ...writers(), mode, why: "" };
      if (cost(a, tokens.length) > budget) {
        return { ...writers(), mode: "writers", why: `This model has ${pathCount(a)} paths, too many for a page; every head's writing is shown, “interp attribute” has the paths. ` };
      }
      const paths = split(pathsOf(M, tokens, run), position * vocab, vocab, token, logit);
      if (paths.holds) return { ...paths, mode, why: "" };
      return { ...writers(), mode: "writers", why: `Under the interventions at ${heads(edits)} a head does not write what its values read, so that paths do not add up; every head's writing is shown, which does. ` };
    };

    const updateSources = (result, position, token, mode, picked, logitName) => {
      const { model, M, tokens, run } = result, vocab = M.architecture.d_vocab, { term } = picked;
      let shares = null;
      if (term.heads.length === 0) shares = null;
      else if (mode === "paths") shares = Paths.bySource(M, tokens, run, term, position);
      else shares = Writers.bySource(M, run, term.heads[0], position);
      const items = [];
      let total = 0;
      for (let key = 0; shares && key <= position; key++) {
        const value = centred(shares, key * vocab, vocab, token);
        total += value;
        items.push({ name: Tokens.name(model, tokens[key]), value, words: `${Tokens.name(model, tokens[key])} at ${key}: ${Dom.signed(value, 3)}` });
      }
      const holds = shares !== null && Math.abs(total - picked.value) <= tolerance * Math.max(1, Math.abs(picked.value));
      Dom.put(sourceTitle, `Where ${spoken(picked)} comes from`);
      sources.element.hidden = !holds;
      if (holds) {
        sources.update({
          label: `${picked.name} to ${logitName}, by source position`, title: `${model.name}: ${picked.name} to ${logitName}, by source position`, name: `${model.name}-attribution-${picked.key}-sources`, items,
          table: () => [["position", "token", "value"], ...items.map((item, key) => [key, item.name, item.value])],
        });
      }
      Dom.put(sourceWords, holds ? `The positions sum to ${Dom.signed(total, 3)}, all that ${spoken(picked)} adds.`
        : shares === null ? `It is written at position ${position} itself: no other position takes part.`
        : `What head ${picked.name} writes was put in its place by an intervention, so that no position of this text is where it comes from.`);
    };

    const draw = () => {
      const result = Results.current(), { model, M, tokens, run, edits, error } = result;
      const state = State.get();
      const failed = error !== null || run === null;
      trouble.hidden = !failed;
      question.hidden = notes.hidden = body.hidden = failed;
      slider.disabled = target.disabled = failed;
      if (failed) {
        Dom.put(trouble, error ?? "");
        return;
      }
      const { target: wanted, terms: mode, term } = state, vocab = M.architecture.d_vocab, position = Results.position();
      const row = run.logits.subarray(position * vocab, (position + 1) * vocab), likeliest = Results.largest(row);
      const possible = wanted === "next" && tokens[position + 1] === undefined ? null : wanted;
      const token = possible === null ? likeliest : possible === "next" ? tokens[position + 1] : possible;
      updateChoices(model, tokens, position, likeliest, possible);
      const logit = centred(run.logits, position * vocab, vocab, token), mean = run.logits[position * vocab + token] - logit;
      const own = splitOf(result, position, token, mode, logit);
      for (const radio of radios) radio.input.checked = radio.mode === own.mode;
      const called = `the logit of ${Tokens.name(model, token)} at position ${position}`;
      const probability = Results.probabilities(run, position)[token];
      Dom.put(question, `Why ${Tokens.name(model, token)} behind ${Tokens.name(model, tokens[position])} at position ${position}? Its probability is ${Dom.share(probability)}, its logit ${Dom.fixed(row[token], 3)}, ${Dom.fixed(Math.abs(logit), 3)} ${logit >= 0 ? "above" : "below"} the mean over tokens.`);
      const explanation = state.explanation === null ? "" : `This is the model's sum; the explanation in its place, “${Dom.short(model.explanations[state.explanation].text, 80)}”, is not split here. `;
      const intervened = edits.length === 0 || own.why !== "" ? "" : `${Dom.count(edits.length, "intervention")} at ${heads(edits)} ${edits.length === 1 ? "is" : "are"} part of it. `;
      Dom.put(notes, `${own.why}${intervened}${explanation}`);
      notes.hidden = notes.textContent === "";

      const [top, rest] = [own.terms.slice(0, shownTerms), own.terms.slice(shownTerms)];
      const picked = own.terms.find(({ key }) => key === term) ?? own.terms[0];
      shown = top;
      const verb = value => (value >= 0 ? "raises" : "lowers");
      const items = top.map(({ name, key, value }) => ({
        name, value, chosen: key === picked.key, words: `${name} ${verb(value)} ${Tokens.name(model, token)} by ${Dom.fixed(Math.abs(value), 3)}`,
      }));
      if (rest.length > 0) {
        const value = rest.reduce((total, entry) => total + entry.value, 0);
        items.push({ name: Dom.count(rest.length, "other"), value, rest: true, words: `the ${Dom.count(rest.length, "smaller term")} together: ${Dom.signed(value, 3)}` });
      }
      bars.update({
        label: `${called}, term by term`, title: `${model.name}: ${called}, term by term`, name: `${model.name}-attribution`, items,
        table: () => [["term", `logit of ${Tokens.name(model, token)} less the mean`], ...own.terms.map(({ name, value }) => [name, value])],
      });
      Dom.put(sum, own.holds
        ? `The ${Dom.count(own.terms.length, "term")} sum to ${Dom.signed(own.sum, 3)}: ${called}, ${Dom.fixed(row[token], 3)}, less the mean over tokens, ${Dom.fixed(mean, 3)}. Every term is less its own mean.`
        : `The terms sum to ${Dom.signed(own.sum, 3)}, not to the ${Dom.signed(logit, 3)} that the model gives.`);
      updateSources(result, position, token, own.mode, picked, called);
    };

    const view = Seen.view(element, draw);
    const others = new Set(["layer", "head", "circuit", "row", "reads"]);
    State.subscribe((state, previous) => {
      if (Object.keys(state).some(key => !others.has(key) && state[key] !== previous[key])) view.changed();
    });
    view.changed();
  };

  return { mount };
})();
