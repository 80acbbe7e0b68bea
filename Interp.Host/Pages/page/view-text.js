/** Typing a text: what the model makes of it position by position, and how it goes on. */
const ViewText = (() => {
  const shownNext = 3;
  // Of a long text that the model does not read, so many pieces are shown.
  const mostBefore = 12, mostPieces = 400;

  const unknownInWords = (model, unknown) => {
    const names = unknown.slice(0, 6).map(text => `“${Dom.short(text === " " ? "␣" : text === "\n" ? "␊" : text, 12)}”`);
    const more = unknown.length > 6 ? [`${unknown.length - 6} more`] : [];
    return `${Dom.list([...names, ...more])} ${unknown.length === 1 ? "is not a token" : "are not tokens"} of this model, which knows ${Tokens.describe(model)}; marked below and skipped.`;
  };

  const readInWords = ({ model, tokens, text }) => {
    const longest = model.architecture.n_ctx;
    if (text.dropped === 0) return `${tokens.length} of ${longest} tokens`;
    return `The model reads ${longest} tokens at most: the last ${longest} are read, the ${text.dropped === 1 ? "first one is" : `first ${text.dropped} are`} left out.`;
  };

  const shownPieces = pieces => {
    const first = Math.max(0, pieces.findIndex(piece => piece.position !== null));
    return pieces.slice(Math.max(0, first - mostBefore), Math.max(0, first - mostBefore) + mostPieces);
  };

  // What stands at a position: what came, what it cost, what is likeliest next.
  const positionInWords = (result, i) => {
    const { model, tokens, run } = result;
    const p = Results.probabilities(run, i);
    const next = Results.likeliest(p, shownNext).map(token => `${Tokens.name(model, token)} ${Dom.share(p[token])}`).join(", ");
    const cost = i === 0 ? "" : `, loss ${Dom.fixed(lossAt(result.run, tokens, i))}`;
    const other = result.explained ? `; the explanation's likeliest ${Tokens.name(model, Results.largest(Results.probabilities(result.explained, i)))}` : "";
    return `position ${i}: ${Tokens.name(model, tokens[i])}${cost}; likeliest next ${next}${other}`;
  };

  // The loss of the token at a position, predicted from those before it, in nats.
  const lossAt = (run, tokens, i) => -Math.log(Math.max(Results.probabilities(run, i - 1)[tokens[i]], 1e-300));

  const field = () => {
    const input = Dom.el("textarea", { id: Dom.id("text"), class: "typed", rows: 1, spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off", maxlength: 4000, dir: "auto" });
    const grow = () => { input.style.height = "auto"; input.style.height = `${input.scrollHeight + 2}px`; };
    let width = 0;
    new ResizeObserver(() => { if (input.clientWidth !== width) { width = input.clientWidth; grow(); } }).observe(input);
    let long = 0;
    input.addEventListener("input", () => {
      // Measuring makes the browser lay the page out: only where the number of lines may have changed.
      if (Math.abs(input.value.length - long) > 1 || input.scrollHeight > input.clientHeight || input.value.length > 40) grow();
      long = input.value.length;
      State.set({ text: input.value, position: null });
    });
    input.addEventListener("keydown", event => {
      if (event.key === "Enter" && !Tokens.hasLines(Results.current().model)) event.preventDefault();
    });
    return { input, set: text => { if (input.value !== text) { input.value = text; grow(); } } };
  };

  // The text token by token, one of which is looked at.
  const chips = () => {
    const group = Dom.el("div", { class: "tokens", role: "radiogroup", "aria-label": "Positions of the text" });
    const makeRead = () => Dom.el("button", { type: "button", class: "token", role: "radio", "data-kind": "read" },
      Dom.el("bdi", { class: "token-name" }), Dom.el("span", { class: "token-cost" }),
      Array.from({ length: shownNext }, () => Dom.el("span", { class: "token-next" }, Dom.el("bdi"), Dom.el("i"))),
      Dom.el("span", { class: "token-other" }));
    const makeSkipped = () => Dom.el("span", { class: "token skipped", "data-kind": "skipped" }, Dom.el("bdi", { class: "token-name" }), Dom.el("span", { class: "token-cost" }));

    const read = (chip, result, i, at) => {
      const { model, tokens, run, explained, parts } = result;
      const p = Results.probabilities(run, i);
      const [name, cost, ...rest] = chip.children;
      const other = rest.pop();
      Dom.put(name, Tokens.name(model, tokens[i]));
      const loss = i === 0 ? null : lossAt(run, tokens, i);
      Dom.put(cost, loss === null ? "start" : Dom.fixed(loss));
      chip.style.setProperty("--cost", loss === null ? 0 : Math.min(1, loss / (1.5 * Math.log(model.architecture.d_vocab))).toFixed(3));
      const likeliest = Results.likeliest(p, shownNext);
      rest.forEach((line, k) => {
        line.hidden = likeliest[k] === undefined;
        if (line.hidden) return;
        Dom.put(line.children[0], Tokens.name(model, likeliest[k]));
        Dom.put(line.children[1], Dom.share(p[likeliest[k]]));
        line.style.setProperty("--p", p[likeliest[k]].toFixed(3));
        Dom.mark(line, "data-true", likeliest[k] === tokens[i + 1] ? "" : null);
      });
      const parting = explained && parts[i];
      other.hidden = !parting;
      if (parting) Dom.put(other, `${parting.agree ? "=" : "≠"} ${Tokens.name(model, Results.largest(Results.probabilities(explained, i)))}`);
      Dom.mark(chip, "data-parts", parting && !parting.agree ? "" : null);
      Dom.mark(chip, "aria-checked", String(i === at));
      Dom.mark(chip, "data-locked", i === at && Results.isLocked() ? "" : null);
      Dom.mark(chip, "aria-label", positionInWords(result, i));
      chip.tabIndex = i === at ? 0 : -1;
      chip.dataset.position = i;
    };

    const draw = result => {
      const pieces = result.run || result.tokens.length === 0 ? shownPieces(result.text.pieces) : [];
      const at = Results.position();
      while (group.children.length > pieces.length) group.lastElementChild.remove();
      pieces.forEach((piece, k) => {
        const kind = piece.position === null ? "skipped" : "read";
        let chip = group.children[k];
        if (chip?.dataset.kind !== kind) {
          const made = kind === "read" ? makeRead() : makeSkipped();
          if (chip) chip.replaceWith(made); else group.append(made);
          chip = made;
        }
        if (kind === "read") read(chip, result, piece.position, at);
        else {
          Dom.put(chip.children[0], piece.text === "\n" ? "␊" : piece.text === " " ? "␣" : Dom.short(piece.text, 12));
          Dom.put(chip.children[1], piece.token === null ? "unknown" : "left out");
        }
      });
    };

    const choose = i => {
      State.set({ position: i });
      Dom.say(positionInWords(Results.current(), i));
    };
    group.addEventListener("click", event => {
      const chip = event.target.closest("[data-position]");
      if (!chip) return;
      const i = Number(chip.dataset.position);
      if (State.get().position === i) { State.set({ position: null }); Dom.say("follows the end of the text"); } else choose(i);
    });
    group.addEventListener("keydown", event => { if (event.key === "Escape") State.set({ position: null }); });
    Dom.roving(group, { items: () => group.querySelectorAll("[data-position]"), chosen: () => Results.position() ?? 0, go: choose });
    return { element: group, draw };
  };

  // How model and explanation go on by themselves.
  const continuation = () => {
    const words = Dom.el("p", { class: "goes-on" });
    const line = label => Dom.el("span", { class: "line", hidden: true }, Dom.el("span", { class: "label", text: label }), " ", Dom.el("bdi", { class: "letters" }));
    const [own, other] = [line("Goes on greedily:"), line("The explanation goes on:")];
    let next = [];
    const take = count => {
      const { model, text, tokens } = Results.current();
      const { separator } = model.tokens;
      const before = text.dropped > 0 || text.unknown.length > 0 ? Tokens.toText(model, tokens) : State.get().text;
      const glue = before === "" || before.endsWith(separator) ? "" : separator;
      State.set({ text: before + glue + Tokens.toText(model, next.slice(0, count)), position: null });
    };
    const one = Dom.el("button", { type: "button", class: "quiet", text: "Take one token", onclick: () => take(1) });
    const all = Dom.el("button", { type: "button", class: "quiet", text: "Take all", onclick: () => take(Infinity) });
    words.append(own, other, Dom.el("span", { class: "buttons" }, one, all));
    let stops = [];
    let known = null;
    const draw = result => {
      const key = JSON.stringify([State.get().model, State.get().snapshot, State.get().explanation, result.tokens, result.edits]);
      if (key === known) return;
      known = key;
      stops.forEach(stop => stop());
      const show = (line, explanation) => (tokens, done) => {
        line.hidden = false;
        const text = Tokens.toLine(result.model, tokens);
        Dom.put(line.lastElementChild, `${Dom.shown(text)}${done ? (tokens.length === 0 ? (result.tokens.length === 0 ? "–" : "the text is as long as the model reads") : "") : " …"}`);
        if (explanation === null) {
          next = tokens;
          one.disabled = all.disabled = tokens.length === 0;
        }
      };
      other.hidden = true;
      stops = [Results.goOn(null, show(own, null))];
      if (result.explained) stops.push(Results.goOn(State.get().explanation, show(other, State.get().explanation)));
    };
    return { element: words, draw };
  };

  // The same as a table, for who cannot see the chips, and to be copied.
  const table = () => {
    const body = Dom.el("tbody");
    const head = Dom.el("tr");
    const sheet = Dom.el("table", { class: "numbers" }, Dom.el("caption", { text: "Every position" }), Dom.el("thead", null, head), body);
    const titles = result => ["position", "token", "its loss", "likeliest next", "second", "third", ...(result.explained ? ["explanation’s likeliest", "its probability", "KL to it"] : [])];
    const rowOf = (result, i) => {
      const { model, tokens, run, explained, parts } = result;
      const p = Results.probabilities(run, i);
      const said = (q, token) => (token === undefined ? "" : `${Tokens.name(model, token)} ${Dom.share(q[token])}`);
      const q = explained ? Results.probabilities(explained, i) : null;
      return [String(i), Tokens.name(model, tokens[i]), i === 0 ? "" : Dom.fixed(lossAt(run, tokens, i), 3), ...[0, 1, 2].map(k => said(p, Results.likeliest(p, 3)[k])),
        ...(q ? [Tokens.name(model, Results.largest(q)), Dom.share(Math.max(...q)), Dom.fixed(parts[i].kl, 3)] : [])];
    };
    const all = result => (result.run ? result.tokens.map((_, i) => rowOf(result, i)) : []);
    const fold = Dom.el("details", { class: "as-table" }, Dom.el("summary", { text: "As a table" }),
      Dom.el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Every position as a table" }, sheet));
    const draw = result => {
      if (!fold.open) return;
      const heads = titles(result);
      Dom.pool(head, heads.length, () => Dom.el("th", { scope: "col" }));
      heads.forEach((title, k) => Dom.put(head.children[k], title));
      const rows = all(result);
      Dom.pool(body, rows.length, () => Dom.el("tr"));
      rows.forEach((row, i) => {
        const cells = Dom.pool(body.children[i], row.length, k => (k === 0 ? Dom.el("th", { scope: "row" }) : Dom.el("td", null, Dom.el("bdi"))));
        row.forEach((text, k) => Dom.put(k === 0 ? cells[k] : cells[k].firstChild, text));
      });
    };
    fold.addEventListener("toggle", () => draw(withParts()));
    const csv = () => {
      const result = withParts();
      return Saving.csv([titles(result), ...all(result)]);
    };
    fold.append(Saving.buttons({ name: "positions", csv }));
    return { element: fold, draw };
  };

  // The result with where model and explanation part, which only some texts ask for.
  const withParts = () => {
    const result = Results.current();
    return { ...result, parts: result.run && result.explained ? Results.parting(result.run, result.explained) : null };
  };

  const mount = element => {
    const { input, set } = field();
    const label = Dom.el("label", { htmlFor: input.id, text: "Text" });
    const note = Dom.el("p", { class: "note reads", id: Dom.id("reads") });
    const unknown = Dom.el("p", { class: "trouble", hidden: true });
    const words = Dom.el("span");
    const capitals = Dom.el("button", { type: "button", class: "quiet", text: "In capitals", hidden: true, onclick: () => State.set({ text: State.get().text.toUpperCase(), position: null }) });
    unknown.append(words, " ", capitals);
    const trouble = Dom.el("p", { class: "trouble", hidden: true });
    const first = Dom.el("button", { type: "button", class: "quiet", text: "First text again", onclick: () => State.set({ text: State.firstText(Results.current().model), position: null }) });
    input.setAttribute("aria-describedby", note.id);
    const [row, goOn, distribution, sheet] = [chips(), continuation(), TextBars.create(), table()];
    element.append(Dom.el("div", { class: "typing" }, label, input, Dom.el("div", { class: "under" }, note, first)), unknown, trouble,
      row.element, goOn.element, distribution.element, sheet.element);

    const draw = () => {
      const result = withParts();
      const { model, text, error } = result;
      set(State.get().text);
      Dom.put(note, readInWords(result));
      unknown.hidden = text.unknown.length === 0;
      if (!unknown.hidden) {
        Dom.put(words, unknownInWords(model, text.unknown));
        const raised = Tokens.parse(model, State.get().text.toUpperCase());
        capitals.hidden = Tokens.isWords(model) || raised.unknown.length >= text.unknown.length;
      }
      const said = [error, result.explanationError, ...result.left].filter(Boolean).join(" ");
      trouble.hidden = said === "";
      Dom.put(trouble, said);
      row.draw(result);
      goOn.draw(result);
      distribution.draw(result);
      sheet.draw(result);
    };
    const view = Seen.view(element, draw);
    State.subscribe(view.changed);
    draw();
  };

  return { mount, lossAt, positionInWords };
})();
