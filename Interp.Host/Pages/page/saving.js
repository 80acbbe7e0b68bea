/** Pictures as SVG files, tables as CSV. */
const Saving = (() => {
  // What a drawing's look hangs on: taken from the page's style sheet into the file, which has none.
  const looks = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity",
    "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "visibility"];
  const plain = { "fill-opacity": "1", "stroke": "none", "stroke-width": "1px", "stroke-opacity": "1", "stroke-dasharray": "none", "stroke-linecap": "butt",
    "stroke-linejoin": "miter", "opacity": "1", "font-weight": "400", "text-anchor": "start", "dominant-baseline": "auto", "visibility": "visible" };
  const text = new Set(["font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"]);

  // Room around a drawing, and above it for its title.
  const edge = 12, head = 30;

  /** How wide a title is in a file, in px. */
  const titleWidth = title => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `600 13px ${Colours.now().sans}`;
    return Math.ceil(pen.measureText(Dom.shown(title)).width);
  };

  const dress = (from, to) => {
    const style = getComputedStyle(from);
    for (const look of looks) {
      if (text.has(look) && to.localName !== "text" && to.localName !== "tspan") continue;
      const value = style.getPropertyValue(look);
      if (value && value !== plain[look]) to.setAttribute(look, value);
    }
    for (const name of ["class", "tabindex", "role", "aria-label", "aria-hidden", "aria-pressed", "aria-describedby", "style", "id"]) to.removeAttribute(name);
    for (let i = 0; i < from.children.length; i++) dress(from.children[i], to.children[i]);
  };

  /** A file's text of an SVG element that stands by itself. */
  const file = svg => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;

  /**
   * A drawing of the page as a file of its own: colours and fonts written out, a title, the page's paper behind it.
   * @param {SVGSVGElement} drawing with a viewBox
   * @param {string} title
   */
  const ofDrawing = (drawing, title) => {
    const copy = drawing.cloneNode(true);
    dress(drawing, copy);
    const { x, y, width, height } = drawing.viewBox.baseVal;
    const [wide, high] = [Math.max(width, titleWidth(title)) + 2 * edge, height + head + edge];
    for (const [name, value] of Object.entries({ width: wide, height: high, viewBox: `${x - edge} ${y - head} ${wide} ${high}` })) copy.setAttribute(name, value);
    // What is there for pointers alone.
    copy.querySelectorAll("[data-grip]").forEach(grip => grip.remove());
    const { paper, ink, sans } = Colours.now();
    copy.prepend(Dom.svg("title", { text: Dom.shown(title) }), Dom.svg("rect", { x: x - edge, y: y - head, width: wide, height: high, fill: paper }),
      Dom.svg("text", { x, y: y - 12, fill: ink, "font-family": sans, "font-size": 13, "font-weight": 600, text: Dom.shown(title) }));
    return file(copy);
  };

  const cell = value => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
    // An apostrophe keeps a spreadsheet from taking a name for a formula.
    const shown = Dom.shown(value), inert = /^[=+\-@]/.test(shown) ? `'${shown}` : shown;
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll("\"", "\"\"")}"` : inert;
  };

  /** Rows of numbers and texts as comma-separated values (RFC 4180); what is no number is left empty. */
  const csv = rows => rows.map(row => Array.from(row, cell).join(",") + "\r\n").join("");

  // Fit for every disk.
  const fileName = (name, ending) => `${Dom.shown(name).replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 80) || "picture"}.${ending}`;

  /** Has the browser save a text as a file. Returns the name. */
  const download = (name, ending, type, content) => {
    const chosen = fileName(name, ending);
    const address = URL.createObjectURL(new Blob([content], { type }));
    Dom.el("a", { href: address, download: chosen }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    return chosen;
  };

  const button = (label, what, act) => {
    const made = Dom.el("button", { type: "button", class: "quiet", text: label, "aria-label": what });
    made.addEventListener("click", async () => {
      const said = await act();
      if (!said) return;
      Dom.say(said);
      made.textContent = said;
      setTimeout(() => { made.textContent = label; }, 2500);
    });
    return made;
  };

  /**
   * Buttons that save a picture and copy its numbers.
   * @param {{ name: string | (() => string), svg?: () => string|null, csv?: () => string|null }} what null: there is nothing now
   */
  const buttons = ({ name, svg, csv: table }) => {
    const named = () => (typeof name === "function" ? name() : name);
    const box = Dom.el("div", { class: "saving" });
    if (svg) {
      box.append(button("Save as SVG", null, () => {
        const content = svg();
        return content ? `Saved ${download(named(), "svg", "image/svg+xml", content)}` : "Nothing to save yet";
      }));
    }
    if (table) {
      box.append(button("Copy as CSV", null, async () => {
        const content = table();
        if (!content) return "Nothing to copy yet";
        return (await Dom.copy(document.body, content)) === "copied" ? "Copied" : `Saved ${download(named(), "csv", "text/csv", content)}`;
      }));
    }
    return box;
  };

  return { buttons, csv, ofDrawing, titleWidth, file };
})();
