/** A map as an SVG file and as a table. */
const MapSvg = (() => {
  // So many colours do in a picture: one path each, whatever the number of cells.
  const shades = 32, cell = 14;
  const step = (Colours.levels - 1) / (shades - 1);

  // Neighbours in a row that share a shade are one rectangle.
  const paths = (map, all, limits) => {
    const parts = new Map();
    for (let i = 0; i < map.rows; i++) {
      for (let j = 0; j < map.columns;) {
        const shade = value => (Number.isNaN(value) ? -1 : Math.round(Colours.level(value, limits) / step));
        const own = shade(all[i * map.columns + j]);
        let end = j + 1;
        while (end < map.columns && shade(all[i * map.columns + end]) === own) end++;
        if (own >= 0) {
          if (!parts.has(own)) parts.set(own, []);
          parts.get(own).push(`M${j * cell} ${i * cell}h${(end - j) * cell}v${cell}h${(j - end) * cell}z`);
        }
        j = end;
      }
    }
    return [...parts].sort(([a], [b]) => a - b).map(([shade, part]) =>
      Dom.svg("path", { fill: Colours.at(map.scale, Math.round(shade * step)), d: part.join("") }));
  };

  const label = (x, y, words, more) =>
    Dom.svg("text", { x, y, fill: Colours.now().ink, "font-family": Colours.now().mono, "font-size": 11, "dominant-baseline": "central", ...more }, Dom.shown(words));

  const key = (map, limits, x, y, wide) => {
    const bar = Dom.svg("g", { transform: `translate(${x} ${y})` });
    for (let shade = 0; shade < shades; shade++) {
      bar.append(Dom.svg("rect", { x: shade * wide / shades, width: wide / shades + 0.4, height: 9, fill: Colours.at(map.scale, Math.round(shade * step)) }));
    }
    const digits = Mapping.digitsFor(Math.max(-limits[0], limits[1]), map.digits);
    bar.append(label(0, 19, Dom.fixed(limits[0], digits)), label(wide, 19, Dom.fixed(limits[1], digits), { "text-anchor": "end" }));
    return bar;
  };

  /** A map (see `Mapping`) as the text of an SVG file; null where it is too large or has no cells. */
  const of = map => {
    if (!map.rows || !map.columns || Math.max(map.rows, map.columns) > Map2D.limit) return null;
    const all = Mapping.values(map), limits = Mapping.range(map, all);
    const at = Mapping.layout(map, Infinity, cell);
    const { left, top } = at, wide = map.columns * cell, high = map.rows * cell;
    const [width, height] = [Math.max(left + wide + 12, Saving.titleWidth(map.title ?? map.label) + 20, 220), top + high + 78];
    const { paper, ink, muted, empty, sans } = Colours.now();
    const words = { fill: muted, "font-family": sans, "font-size": 12 };
    const body = Dom.svg("g", { transform: `translate(${left} ${top + 24})` },
      Dom.svg("rect", { width: wide, height: high, fill: "url(#none)", stroke: muted, "stroke-width": 0.5 }),
      Dom.svg("g", { "shape-rendering": "crispEdges" }, paths(map, all, limits)));
    for (let i = 0; at.rowNames && i < map.rows; i += at.rowStep) {
      body.append(label(-5, (i + 0.5) * cell, at.rowNames[i], { "text-anchor": "end" }));
    }
    for (let j = 0; at.columnNames && j < map.columns; j += at.columnStep) {
      const x = (j + 0.5) * cell;
      body.append(at.turned ? label(0, 0, at.columnNames[j], { transform: `translate(${x} -6) rotate(-90)` }) : label(x, -11, at.columnNames[j], { "text-anchor": "middle" }));
    }
    if (map.columnTitle) body.append(label(0, 10 - top, map.columnTitle, words));
    if (map.rowTitle) body.append(label(0, 0, map.rowTitle, { ...words, "text-anchor": "end", transform: `translate(${9 - left} 0) rotate(-90)` }));
    body.append(key(map, limits, 0, high + 14, Math.min(160, Math.max(wide, 100))));
    return Saving.file(Dom.svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height },
      Dom.svg("title", {}, Dom.shown(map.title ?? map.label)),
      Dom.svg("defs", {}, Dom.svg("pattern", { id: "none", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
        Dom.svg("path", { d: "M-1 1L1 -1M0 6L6 0M5 7L7 5", stroke: empty, "stroke-width": 1 }))),
      Dom.svg("rect", { width, height, fill: paper }),
      label(8, 13, map.title ?? map.label, { ...words, fill: ink, "font-size": 13, "font-weight": 600 }),
      body));
  };

  /** The numbers of a map with the names of rows and columns; null where it has no cells. */
  const csv = map => {
    if (!map.rows || !map.columns) return null;
    const name = (names, i) => names?.[i] ?? String(i);
    const rows = [[map.rowTitle || map.rowNoun || "", ...Array.from({ length: map.columns }, (_, j) => name(map.columnNames, j))]];
    for (let i = 0; i < map.rows; i++) rows.push([name(map.rowNames, i), ...Array.from({ length: map.columns }, (_, j) => map.value(i, j))]);
    return Saving.csv(rows);
  };

  return { of, csv };
})();
