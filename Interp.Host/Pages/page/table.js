/** A table that can be sorted by its columns, whose rows can be chosen, and that copies as CSV. */
const Table = (() => {
  // What has no number stands last either way.
  const compare = (column, up) => (a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const none = value => value === null || value === undefined || Number.isNaN(value);
    if (none(x) || none(y)) return none(x) - none(y);
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true });
    return up ? order : -order;
  };

  /**
   * Makes a table.
   * @param {object} options
   * `caption`; `name` of saved files; `columns`: { title, value(row) -> number | text | null, words?(row) -> text, note? (shown on hover), numeric? };
   * `rows`; `chosen(row)` marks a row; `onChoose(row)` makes the first column's cells buttons; `action(row)`, if given, is { label, what, act } of a
   * button in a last column, `what` for those who hear it
   * @returns {{ element: Element, update: (partial: object) => void, csv: () => string }}
   */
  const create = options => {
    const own = { caption: "", name: "table", columns: [], rows: [], chosen: () => false, onChoose: null, action: null, ...options };
    let sorted = { column: null, up: false };
    const caption = Dom.el("caption"), heads = Dom.el("tr"), body = Dom.el("tbody");
    const table = Dom.el("table", { class: "sortable numbers wide" }, caption, Dom.el("thead", {}, heads), body);
    const scroller = Dom.el("div", { class: "scroll", tabindex: 0, role: "region" }, table);

    const order = () => {
      const column = own.columns[sorted.column];
      return column ? [...own.rows].sort(compare(column, sorted.up)) : own.rows;
    };

    const csv = () => own.rows.length === 0 ? null
      : Saving.csv([own.columns.map(column => column.title), ...order().map(row => own.columns.map(column => column.value(row)))]);

    const wordsOf = (column, row) => {
      if (column.words) return column.words(row);
      const value = column.value(row);
      return typeof value === "number" || value === null ? Dom.fixed(value, column.digits ?? 3) : Dom.shown(value);
    };

    const header = (column, i) => {
      const button = Dom.el("button", { type: "button", class: "sorter", title: column.note ?? null }, column.title, Dom.el("span", { class: "arrow", "aria-hidden": "true" }));
      button.addEventListener("click", () => {
        // Numbers are asked for from the largest down, names from the first up.
        sorted = { column: i, up: sorted.column === i ? !sorted.up : !column.numeric };
        draw();
        Dom.say(`sorted by ${column.title}, ${sorted.up ? "ascending" : "descending"}`);
      });
      return Dom.el("th", { scope: "col", class: column.numeric ? null : "words" }, button);
    };

    const cellOf = (column, i, row) => {
      const words = wordsOf(column, row);
      if (i > 0) return Dom.el("td", { text: words, class: column.numeric ? null : "words", "data-heading": column.title });
      if (!own.onChoose) return Dom.el("th", { scope: "row", text: words });
      const button = Dom.el("button", { type: "button", class: "chooser", text: words, "aria-pressed": own.chosen(row) ? "true" : "false" });
      button.addEventListener("click", () => own.onChoose(row));
      return Dom.el("th", { scope: "row" }, button);
    };

    const actionOf = row => {
      const { label, act, what } = own.action(row);
      const button = Dom.el("button", { type: "button", class: "quiet", text: label, "aria-label": what ?? null });
      button.addEventListener("click", () => act());
      return Dom.el("td", {}, button);
    };

    let titles = "";
    const draw = () => {
      // A redrawn table keeps the place of whoever is in it.
      const focused = [...body.querySelectorAll("button")].indexOf(document.activeElement);
      Dom.put(caption, own.caption);
      Dom.mark(scroller, "aria-label", own.caption);
      const all = own.columns.map(column => column.title).join("\n") + (own.action ? "+" : "");
      if (all !== titles) {
        titles = all;
        heads.replaceChildren(...own.columns.map(header), ...(own.action ? [Dom.el("td")] : []));
      }
      own.columns.forEach((_, i) => {
        const head = heads.children[i];
        Dom.mark(head, "aria-sort", sorted.column === i ? (sorted.up ? "ascending" : "descending") : null);
        Dom.put(head.querySelector(".arrow"), sorted.column === i ? (sorted.up ? " ▲" : " ▼") : "");
      });
      body.replaceChildren(...order().map(row => Dom.el("tr", { class: own.chosen(row) ? "chosen" : null },
        own.columns.map((column, i) => cellOf(column, i, row)), own.action ? actionOf(row) : null)));
      if (focused >= 0) body.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
    };

    const element = Dom.el("div", { class: "table-box" }, scroller, Saving.buttons({ name: () => own.name, csv }));
    const update = partial => {
      Object.assign(own, partial);
      if (sorted.column >= own.columns.length) sorted = { column: null, up: false };
      element.hidden = own.rows.length === 0;
      draw();
    };
    update({});
    return { element, update, csv };
  };

  return { create };
})();
