/** The text token by token, each with what it cost and what is likeliest next; one of them is looked at. */
const TokenChips = (() => {
  const { shownNext, lossAt } = Positions;
  // Of a long text that the model does not read, so many pieces are shown.
  const mostBefore = 12, mostPieces = 400;

  const shownPieces = pieces => {
    const first = Math.max(0, pieces.findIndex(piece => piece.position !== null));
    return pieces.slice(Math.max(0, first - mostBefore), Math.max(0, first - mostBefore) + mostPieces);
  };

  /** Makes the chips: { element, draw(result with parts) }. */
  const create = () => {
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
      Dom.mark(chip, "aria-label", Positions.inWords(result, i));
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
      Dom.say(Positions.inWords(Results.current(), i));
    };
    group.addEventListener("click", event => {
      const chip = event.target.closest("[data-position]");
      if (!chip) return;
      const i = Number(chip.dataset.position);
      if (State.get().position === i) { State.set({ position: null }); Dom.say("follows the end of the text"); } else choose(i);
    });
    Dom.roving(group, { items: () => group.querySelectorAll("[data-position]"), chosen: () => Results.position() ?? 0, go: choose });
    return { element: group, draw };
  };

  return { create };
})();
