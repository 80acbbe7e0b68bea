/** A map: numbers at rows and columns as colours, with names, a crosshair, a row that can be locked, and words for all of it. */
const Map2D = (() => {
  /** More rows or columns than this are not drawn. */
  const limit = 512;

  const defaults = {
    label: "map", rows: 0, columns: 0, rowNames: null, columnNames: null, rowTitle: "", columnTitle: "", rowNoun: "row",
    value: () => null, scale: "sequential", range: null, cell: 22, digits: 2, locked: null, saving: true,
    onHover: () => {}, onLock: () => {}, describeRow: null, describeCell: null, thumbnail: false, name: "map",
  };

  const nameOf = (names, i) => (names ? Dom.shown(names[i]) : String(i));
  const inside = (i, count) => Math.max(0, Math.min(count - 1, i));
  const drawable = map => map.rows > 0 && map.columns > 0 && Math.max(map.rows, map.columns) <= limit;

  const cellInWords = (map, i, j) => {
    if (map.describeCell) return map.describeCell(i, j);
    const value = map.value(i, j);
    const said = value === null || !Number.isFinite(value) ? "no value" : Dom.fixed(value, map.digits);
    return `${nameOf(map.rowNames, i)}, ${nameOf(map.columnNames, j)}: ${said}`;
  };

  const rowInWords = (map, i) => (map.describeRow ? map.describeRow(i) : `${map.rowNoun} ${nameOf(map.rowNames, i)}`);

  // Cells alone, for a button that holds it to name.
  const thumbnail = map => {
    const canvas = Dom.el("canvas", { class: "map-thumbnail", role: "img", "aria-label": map.label });
    const view = Seen.view(canvas, () => { if (drawable(map)) Mapping.paint(canvas, map, null); });
    Colours.follow(view.changed);
    const update = partial => {
      Object.assign(map, partial);
      Dom.mark(canvas, "aria-label", map.label);
      view.changed();
    };
    update({});
    return { element: canvas, update, svg: () => MapSvg.of(map), csv: () => MapSvg.csv(map) };
  };

  const whole = map => {
    const canvas = Dom.el("canvas", { "aria-hidden": "true" });
    const rowMark = Dom.el("i", { class: "map-row", hidden: true }), lockMark = Dom.el("i", { class: "map-lock", hidden: true });
    const cellMark = Dom.el("i", { class: "map-cell", hidden: true });
    const plane = Dom.el("div", { class: "map-plane" }, canvas, lockMark, rowMark, cellMark);
    const slider = Dom.el("input", { type: "range", class: "map-slider", min: 0, step: 1, value: 0 });
    const scroller = Dom.el("div", { class: "map-scroll" }, plane, slider);
    const low = Dom.el("span"), high = Dom.el("span"), ramp = Dom.el("i", { class: "map-ramp" });
    const none = Dom.el("span", { class: "map-none" }, Dom.el("i"), "no value");
    const key = Dom.el("div", { class: "map-key" }, low, ramp, high, none);
    const words = Dom.el("p", { class: "map-words" }), cellWords = Dom.el("span", { class: "map-cell-words" }), rowWords = Dom.el("span");
    words.append(cellWords, rowWords);
    const element = Dom.el("div", { class: "map", role: "group" }, scroller, words, key);
    if (map.saving) {
      element.append(Saving.buttons({ name: () => map.name, svg: () => MapSvg.of(map), csv: () => MapSvg.csv(map) }));
    }
    let at = null, room = 0, hovered = null, focused = false, cursor = [0, null];

    const place = (mark, i, j) => {
      mark.hidden = i === null || i >= map.rows || !at;
      if (mark.hidden) return;
      const { left, top, cell } = at;
      // In shares of the plane, which is smaller on paper.
      mark.style.left = `${100 * (left + (j ?? 0) * cell) / at.width}%`;
      mark.style.top = `${100 * (top + i * cell) / at.height}%`;
      mark.style.width = `${100 * (j === null ? map.columns : 1) * cell / at.width}%`;
      mark.style.height = `${100 * cell / at.height}%`;
    };

    // What is pointed at, else what the keyboard is on, else what is locked.
    const pointed = () => hovered ?? (focused ? cursor : [map.locked, null]);

    const tell = () => {
      const [i, j] = pointed();
      const known = i !== null && i !== undefined && i < map.rows;
      place(lockMark, map.locked, null);
      place(rowMark, known ? i : null, null);
      place(cellMark, known && j !== null ? i : null, j);
      Dom.put(cellWords, known && j !== null ? cellInWords(map, i, j) : "");
      Dom.put(rowWords, known ? rowInWords(map, i)
        : drawable(map) ? `Hover, or use the slider: every ${map.rowNoun} in words; a click or Enter locks it.` : "");
    };

    const draw = () => {
      if (!Seen.printing() || !room) room = element.clientWidth || room;
      const fits = drawable(map);
      canvas.hidden = key.hidden = !fits;
      if (!fits) {
        at = null;
        tell();
        if (map.rows > 0) Dom.put(cellWords, `${map.rows} by ${map.columns} cells are too many to draw (${limit} by ${limit} at most); the slider says every ${map.rowNoun} in words.`);
        return;
      }
      if (!room) return;
      at = Mapping.layout(map, room, map.cell);
      plane.style.width = `${at.width}px`;
      plane.style.aspectRatio = `${at.width} / ${at.height}`;
      const { range, empty } = Mapping.paint(canvas, map, at);
      const digits = Mapping.digitsFor(Math.max(-range[0], range[1]), map.digits);
      Dom.put(low, Dom.fixed(range[0], digits));
      Dom.put(high, Dom.fixed(range[1], digits));
      Dom.mark(ramp, "data-scale", map.scale);
      none.hidden = !empty;
      tell();
    };

    const view = Seen.view(element, draw);
    Colours.follow(view.changed);
    new ResizeObserver(() => { if (!Seen.printing() && element.clientWidth !== room) view.changed(); }).observe(element);

    const update = partial => {
      Object.assign(map, partial);
      cursor = [inside(cursor[0], Math.max(1, map.rows)), cursor[1] === null ? null : inside(cursor[1], Math.max(1, map.columns))];
      if (hovered && (hovered[0] >= map.rows || hovered[1] >= map.columns)) hovered = null;
      if (map.locked !== null && !focused) cursor = [inside(map.locked, Math.max(1, map.rows)), null];
      Dom.mark(element, "aria-label", map.label);
      Dom.mark(slider, "aria-label", `${map.label}: ${map.rowNoun}`);
      Dom.mark(slider, "max", Math.max(0, map.rows - 1));
      follow();
      view.changed();
    };

    // The slider says where it is in a few words; the whole row goes to the live region.
    const follow = () => {
      slider.value = cursor[0];
      if (map.rows > 0) Dom.mark(slider, "aria-valuetext", `${nameOf(map.rowNames, cursor[0])}, ${cursor[0] + 1} of ${map.rows}`);
    };

    const moved = (i, j) => {
      cursor = [inside(i, map.rows), j === null ? null : inside(j, map.columns)];
      hovered = null;
      follow();
      tell();
      map.onHover(cursor[0], cursor[1]);
      Dom.say(cursor[1] === null ? rowInWords(map, cursor[0]) : cellInWords(map, cursor[0], cursor[1]));
      if (at && cursor[1] !== null) {
        const x = at.left + cursor[1] * at.cell;
        if (x < scroller.scrollLeft || x + at.cell > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = x - scroller.clientWidth / 2;
      }
    };

    const lock = i => {
      map.locked = map.locked === i ? null : i;
      Dom.say(map.locked === null ? "unlocked" : `locked: ${rowInWords(map, i)}`);
      tell();
      map.onLock(map.locked);
    };

    const keys = {
      ArrowDown: ([i, j]) => moved(i + 1, j), ArrowUp: ([i, j]) => moved(i - 1, j),
      ArrowRight: ([i, j]) => moved(i, j === null ? 0 : j + 1), ArrowLeft: ([i, j]) => moved(i, j === null ? map.columns - 1 : j - 1),
      Home: ([, j]) => moved(0, j), End: ([, j]) => moved(map.rows - 1, j),
      PageDown: ([i, j]) => moved(i + 8, j), PageUp: ([i, j]) => moved(i - 8, j),
      Enter: ([i]) => lock(i), " ": ([i]) => lock(i), Escape: () => { if (map.locked !== null) lock(map.locked); },
    };

    slider.addEventListener("keydown", event => {
      const act = keys[event.key];
      if (!act || event.altKey || event.ctrlKey || event.metaKey || map.rows === 0) return;
      event.preventDefault();
      act(cursor);
    });
    slider.addEventListener("input", () => moved(Number(slider.value), null));
    slider.addEventListener("focus", () => { focused = true; tell(); });
    slider.addEventListener("blur", () => { focused = false; tell(); map.onHover(null, null); });

    const under = event => {
      if (!at) return null;
      const box = canvas.getBoundingClientRect();
      const j = Math.floor((event.clientX - box.left - at.left) / at.cell), i = Math.floor((event.clientY - box.top - at.top) / at.cell);
      return i >= 0 && i < map.rows && j >= 0 && j < map.columns ? [i, j] : null;
    };

    const hover = cell => {
      if (cell?.[0] === hovered?.[0] && cell?.[1] === hovered?.[1]) return;
      hovered = cell;
      tell();
      map.onHover(cell ? cell[0] : null, cell ? cell[1] : null);
    };

    plane.addEventListener("pointermove", event => hover(under(event)));
    plane.addEventListener("pointerleave", () => hover(null));
    plane.addEventListener("click", event => {
      const cell = under(event);
      if (!cell) return;
      cursor = [...cell];
      follow();
      slider.focus({ preventScroll: true });
      lock(cell[0]);
    });

    update({});
    return { element, update, svg: () => MapSvg.of(map), csv: () => MapSvg.csv(map) };
  };

  /**
   * Makes a map. Beside what `Mapping` says of maps: `label` names it to everyone, `title` (else the label) in the saved picture; `cell` is the largest cell in px; `digits` of its numbers;
   * `locked` is the locked row or null; `onHover(i, j)` is told what is pointed at (nulls: nothing; j is null for a row), `onLock(i)` the locked row or
   * null; `describeRow(i)` and `describeCell(i, j)` give words; `rowNoun` is what a row is; `thumbnail` leaves cells alone; `name` is that of saved files.
   * @returns {{ element: Element, update: (partial: object) => void, svg: () => string, csv: () => string }}
   */
  const create = options => {
    const map = { ...defaults, ...options };
    return map.thumbnail ? thumbnail(map) : whole(map);
  };

  return { create, limit };
})();
