/** What a page is read for can be kept: its figures as SVG, its tables as CSV. Views of models have buttons of their own. */
const Keeping = (() => {
  const gap = 10;

  /** Panels side by side, in as many columns as they have on the page: one drawing. */
  const together = panels => {
    const top = panels[0].getBoundingClientRect().top;
    const columns = Math.max(1, panels.filter(panel => Math.abs(panel.getBoundingClientRect().top - top) < 2).length);
    const [wide, high] = ["width", "height"].map(side => Math.max(...panels.map(panel => panel.viewBox.baseVal[side])));
    const rows = Math.ceil(panels.length / columns);
    const whole = Dom.svg("svg", { viewBox: `0 0 ${columns * (wide + gap) - gap} ${rows * (high + gap) - gap}`, class: "kept" });
    panels.forEach((panel, i) => {
      const copy = panel.cloneNode(true);
      for (const [name, value] of Object.entries({ x: (i % columns) * (wide + gap), y: Math.floor(i / columns) * (high + gap), width: panel.viewBox.baseVal.width, height: panel.viewBox.baseVal.height })) copy.setAttribute(name, value);
      whole.append(copy);
    });
    return whole;
  };

  /** A figure of one panel or several as a file's text. */
  const svgOf = figure => {
    const panels = [...figure.querySelectorAll("svg.figure")];
    const title = figure.querySelector("figcaption strong")?.textContent.trim() ?? panels[0].dataset.name;
    if (panels.length === 1) return Saving.ofDrawing(panels[0], title);
    // Looks are computed of what is on the page alone.
    const whole = together(panels);
    figure.append(whole);
    const file = Saving.ofDrawing(whole, title);
    whole.remove();
    return file;
  };

  /** A table's rows of texts. */
  const rowsOf = table => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText.trim()));

  /** Puts the buttons there. */
  const start = () => {
    for (const figure of document.querySelectorAll("figure")) {
      if (!figure.querySelector("svg.figure")) continue;
      const name = figure.querySelector("svg.figure").dataset.name;
      (figure.querySelector("figcaption") ?? figure).append(Saving.buttons({ name, svg: () => svgOf(figure) }));
    }
    for (const table of document.querySelectorAll(".scroll > table, table.claims")) {
      if (table.closest(".view")) continue;
      const place = table.closest(".scroll") ?? table;
      place.after(Saving.buttons({ name: table.caption?.textContent ?? "table", csv: () => Saving.csv(rowsOf(table)) }));
    }
  };

  return { start };
})();
