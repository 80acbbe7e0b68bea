/** Typing a text: what the model makes of it position by position, and how it goes on. */
const ViewText = (() => {
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

  // Another text; the locked position stays locked where it still has a token.
  const write = text => {
    const { position, model } = State.get();
    const { length } = Tokens.parse(Decode.data().models[model], text).tokens;
    State.set({ text, position: position !== null && position < length ? position : null });
  };

  const field = () => {
    const input = Dom.el("textarea", { id: Dom.id("text"), class: "typed", rows: 1, spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off", maxlength: 4000, dir: "auto" });
    // Where the style sheet cannot make it as high as its text, measuring does; that makes the browser lay out the page.
    const grow = CSS.supports("field-sizing", "content") ? () => {} : () => {
      input.style.height = "auto";
      input.style.height = `${input.scrollHeight + 2}px`;
    };
    let width = 0;
    new ResizeObserver(() => { if (input.clientWidth !== width) { width = input.clientWidth; grow(); } }).observe(input);
    input.addEventListener("input", () => {
      grow();
      write(input.value);
    });
    input.addEventListener("keydown", event => {
      if (event.key === "Enter" && !Tokens.hasLines(Results.current().model)) event.preventDefault();
    });
    return { input, set: text => { if (input.value !== text) { input.value = text; grow(); } } };
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
      write(before + glue + Tokens.toText(model, next.slice(0, count)));
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
        const text = tokens.map(token => Tokens.name(result.model, token)).join(result.model.tokens.separator);
        Dom.put(line.lastElementChild, `${text}${done ? (tokens.length === 0 ? (result.tokens.length === 0 ? "–" : "the text is as long as the model reads") : "") : " …"}`);
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

  const mount = element => {
    const { input, set } = field();
    const label = Dom.el("label", { htmlFor: input.id, text: "Text" });
    const note = Dom.el("p", { class: "note reads", id: Dom.id("reads") });
    const unknown = Dom.el("p", { class: "trouble", hidden: true });
    const words = Dom.el("span");
    const capitals = Dom.el("button", { type: "button", class: "quiet", text: "In capitals", hidden: true, onclick: () => write(State.get().text.toUpperCase()) });
    unknown.append(words, " ", capitals);
    const trouble = Dom.el("p", { class: "trouble", hidden: true });
    const first = Dom.el("button", { type: "button", class: "quiet", text: "First text again", onclick: () => State.set({ text: Choices.firstText(Results.current().model), position: null }) });
    input.setAttribute("aria-describedby", note.id);
    const [row, goOn, distribution, sheet] = [TokenChips.create(), continuation(), TextBars.create(), Positions.table()];
    element.append(Dom.el("div", { class: "typing" }, label, input, Dom.el("div", { class: "under" }, note, first)), unknown, trouble,
      row.element, goOn.element, distribution.element, sheet.element);

    element.addEventListener("keydown", event => {
      if (event.key !== "Escape" || State.get().position === null) return;
      State.set({ position: null });
      Dom.say("follows the end of the text");
    });

    const draw = () => {
      const result = Positions.withParts();
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

  return { mount };
})();
