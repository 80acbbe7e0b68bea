/** A text position by position: what each token cost, what is likeliest next; in words, and as a table. */
const Positions = (() => {
  const shownNext = 3;

  /** What stands at a position: the token, what it cost, what is likeliest next. */
  const inWords = (result, i) => {
    const { model, tokens, run } = result;
    const p = Results.probabilities(run, i);
    const next = Results.likeliest(p, shownNext).map(token => `${Tokens.name(model, token)} ${Dom.share(p[token])}`).join(", ");
    const cost = i === 0 ? "" : `, loss ${Dom.fixed(lossAt(result.run, tokens, i))}`;
    const other = result.explained ? `; the explanation's likeliest ${Tokens.name(model, Results.largest(Results.probabilities(result.explained, i)))}` : "";
    return `position ${i}: ${Tokens.name(model, tokens[i])}${cost}; likeliest next ${next}${other}`;
  };

  /** The loss of the token at a position from 1 on, predicted from those before it, in nats. */
  const lossAt = (run, tokens, i) => -Math.log(Math.max(Results.probabilities(run, i - 1)[tokens[i]], 1e-300));

  /** The current result, and where model and explanation part: `Results.parting` as `parts`, null without an explanation. */
  const withParts = () => {
    const result = Results.current();
    return { ...result, parts: result.run && result.explained ? Results.parting(result.run, result.explained) : null };
  };

  /** All positions as a table, for who cannot see the chips, and to be copied. */
  const table = () => {
    const body = Dom.el("tbody");
    const head = Dom.el("tr");
    const sheet = Dom.el("table", { class: "numbers wide" }, Dom.el("caption", { text: "Every position" }), Dom.el("thead", null, head), body);
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
        const cells = Dom.pool(body.children[i], row.length, k => (k === 0 ? Dom.el("th", { scope: "row" }) : Dom.el("td", { "data-heading": heads[k] }, Dom.el("bdi"))));
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

  return { inWords, lossAt, withParts, table, shownNext };
})();
