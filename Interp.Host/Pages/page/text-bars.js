/** The whole distribution behind the chosen position as bars, the explanation's beneath the model's. */
const TextBars = (() => {
  // More tokens than this wait for a button.
  const most = 60;

  // Rows [label, value, value of the explanation?] as an SVG file.
  const drawing = (title, rows) => {
    const { ink, paper, raise, lower, mono, sans } = Colours.now();
    const [high, left, wide] = [18, 70, 300];
    const height = rows.length * high + 34;
    const largest = Math.max(...rows.map(row => Math.max(...row.slice(1))));
    const label = (x, y, text, more) => Dom.svg("text", { x, y, fill: ink, "font-family": mono, "font-size": 12, "dominant-baseline": "central", ...more }, text);
    return Saving.file(Dom.svg("svg", { width: left + wide + 110, height, viewBox: `0 0 ${left + wide + 110} ${height}` },
      Dom.svg("title", null, title), Dom.svg("rect", { width: "100%", height: "100%", fill: paper }),
      label(8, 14, title, { "font-family": sans, "font-weight": 600 }),
      rows.map(([name, ...values], k) => {
        const y = 28 + k * high;
        const each = (high - 4) / values.length;
        return [label(left - 8, y + high / 2, name, { "text-anchor": "end" }),
          values.map((value, s) => Dom.svg("rect", { x: left, y: y + 2 + s * each, width: (wide * value / largest).toFixed(2), height: each, fill: s === 0 ? raise : lower })),
          label(left + wide + 8, y + high / 2, values.map(Dom.share).join(" / "))];
      })));
  };

  const create = () => {
    const title = Dom.el("h3");
    const list = Dom.el("ul", { class: "next-bars" });
    const group = Dom.id("sort");
    let sort = "probability";
    const option = (value, label) => Dom.el("label", null,
      Dom.el("input", { type: "radio", name: group, value, checked: value === sort, onchange: () => { sort = value; again(); } }), ` ${label}`);
    let wide = false;
    const more = Dom.el("button", { type: "button", class: "quiet", hidden: true, onclick: () => { wide = !wide; again(); } });
    const legend = Dom.el("p", { class: "next-legend note", hidden: true }, Dom.el("i", { class: "swatch own" }), " model ", Dom.el("i", { class: "swatch other" }), " explanation");
    let last = null;
    const again = () => { if (last) draw(last); };

    const order = p => {
      const all = Array.from(p, (_, token) => token);
      return sort === "token" ? all : all.sort((a, b) => p[b] - p[a] || a - b);
    };

    const make = () => Dom.el("li", { class: "next-row" }, Dom.el("bdi"), Dom.el("span", { class: "next-tracks", "aria-hidden": "true" }, Dom.el("i", { class: "own" }), Dom.el("i", { class: "other" })), Dom.el("span", { class: "next-value" }));

    const rows = () => {
      const i = Results.position();
      const { run, explained } = last;
      const p = Results.probabilities(run, i);
      const q = explained ? Results.probabilities(explained, i) : null;
      return { i, p, q, tokens: order(p) };
    };

    const draw = result => {
      last = result;
      const { model, tokens, run } = result;
      title.hidden = !run;
      Dom.mark(list, "hidden", !run);
      if (!run) return;
      const { i, p, q, tokens: all } = rows();
      const locked = Results.isLocked();
      Dom.put(title, `After position ${i}, ${Tokens.name(model, tokens[i])}${locked ? " (locked; Escape follows the end)" : ""}`);
      const shown = wide ? all : all.slice(0, most);
      more.hidden = all.length <= most;
      Dom.put(more, wide ? `Only ${most}` : `All ${all.length} tokens`);
      legend.hidden = !q;
      const largest = Math.max(p[Results.largest(p)], q ? q[Results.largest(q)] : 0);
      const a = model.architecture;
      const lines = Dom.pool(list, shown.length, make);
      shown.forEach((token, k) => {
        const [name, tracks, value] = lines[k].children;
        Dom.put(name, Tokens.name(model, token));
        tracks.children[0].style.setProperty("--p", (p[token] / largest).toFixed(4));
        tracks.children[1].hidden = !q;
        if (q) tracks.children[1].style.setProperty("--p", (q[token] / largest).toFixed(4));
        const logit = run.logits[i * a.d_vocab + token];
        Dom.put(value, q ? `${Dom.share(p[token])} / ${Dom.share(q[token])}` : Dom.share(p[token]));
        Dom.mark(lines[k], "title", `logit ${Dom.fixed(logit, 3)}`);
        Dom.mark(lines[k], "data-true", token === tokens[i + 1] ? "" : null);
      });
    };

    const csv = () => {
      if (!last?.run) return null;
      const { i, p, q, tokens: all } = rows();
      const vocab = last.model.architecture.d_vocab;
      const rest = q ? (token => [last.explained.logits[i * vocab + token], q[token]]) : () => [];
      return Saving.csv([["token", "logit", "probability", ...(q ? ["logit of the explanation", "probability of the explanation"] : [])],
        ...all.map(token => [last.model.tokens.names[token], last.run.logits[i * vocab + token], p[token], ...rest(token)])]);
    };

    const svg = () => {
      if (!last?.run) return null;
      const { i, p, q, tokens: all } = rows();
      return drawing(`Next token after position ${i}`, all.slice(0, most).map(token => [Tokens.name(last.model, token), p[token], ...(q ? [q[token]] : [])]));
    };

    const element = Dom.el("div", { class: "distribution" }, title,
      Dom.el("div", { class: "under" }, Dom.el("fieldset", { class: "sorting" }, Dom.el("legend", { text: "Sorted by" }), option("probability", "probability"), option("token", "token")), legend),
      list, more, Saving.buttons({ name: "next-token", svg, csv }));
    return { element, draw };
  };

  return { create };
})();
