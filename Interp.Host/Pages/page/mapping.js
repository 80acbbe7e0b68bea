/**
 * How a map is laid out and painted. A map is { label, rows, columns, rowNames, columnNames, rowTitle, columnTitle, value(i, j), scale, range }:
 * `value` gives a number, or null where there is none; `scale` is "sequential" or "diverging"; `range` is taken from the values where it is not given.
 */
const Mapping = (() => {
  const least = 6, label = 11, gap = 5, longest = 84;
  const pen = document.createElement("canvas").getContext("2d");

  /** All values, row by row; NaN where there is none: Float64Array [rows * columns] */
  const values = map => {
    const all = new Float64Array(map.rows * map.columns);
    for (let i = 0, k = 0; i < map.rows; i++) {
      for (let j = 0; j < map.columns; j++, k++) {
        const value = map.value(i, j);
        all[k] = value === null || !Number.isFinite(value) ? NaN : value;
      }
    }
    return all;
  };

  /** The values of the first and of the last colour: from 0 up, or as far below zero as above. */
  const range = (map, all) => {
    if (map.range) return map.range;
    let low = 0, high = 0;
    for (const value of all) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const reach = Math.max(-low, high);
    return map.scale === "diverging" ? [-reach, reach] : [low, high];
  };

  /** So many decimals that two digits of the largest number show, and at least `fewest`. */
  const digitsFor = (reach, fewest = 2) => (reach > 0 ? Math.max(fewest, Math.min(9, 1 - Math.floor(Math.log10(reach)))) : fewest);

  const width = (text, font) => {
    if (pen.font !== font) pen.font = font;
    return pen.measureText(text).width;
  };

  const cut = (name, font) => {
    let text = Dom.shown(name);
    if (text.length <= 8 || width(text, font) <= longest) return text;
    let characters = [...text].slice(0, 24);
    while (characters.length > 1 && width((text = characters.join("") + "…"), font) > longest) characters.pop();
    return text;
  };

  /**
   * Where everything stands, in CSS pixels.
   * @param {number} room how wide the map may be; where cells of 6 px need more, it is wider
   * @param {number} most how large a cell may be
   */
  const layout = (map, room, most) => {
    const font = `${label}px ${Colours.now().mono}`;
    const rowNames = map.rowNames?.map(name => cut(name, font)), columnNames = map.columnNames?.map(name => cut(name, font));
    const widest = names => names ? Math.ceil(Math.max(0, ...names.map(name => width(name, font)))) : 0;
    const rowWidth = widest(rowNames), columnWidth = widest(columnNames);
    const left = (map.rowTitle ? 18 : 0) + (rowNames ? rowWidth + gap + 2 : 0) + 1;
    const cell = Math.max(least, Math.min(most, Math.floor((room - left - 4) / map.columns)));
    // Names of one character stand upright over a few columns; longer ones that do not fit are turned.
    const turned = columnWidth > 14 && columnWidth + 6 > cell;
    const columnStep = Math.ceil((turned ? label + 2 : columnWidth + 4) / cell);
    const top = (map.columnTitle ? 18 : 0) + (columnNames ? (turned ? columnWidth : label) + gap + 1 : 0) + 1;
    return {
      cell, left, top, turned, font, rowNames, columnNames, columnStep,
      rowStep: Math.ceil((label + 1) / cell),
      width: left + map.columns * cell + 3,
      height: top + map.rows * cell + 3,
    };
  };

  const stage = document.createElement("canvas");
  const littleEndian = (255 << 24) >>> 0;

  // One pixel a cell, which is then drawn larger with hard edges. Returns whether some cells are empty.
  const pixels = (map, all, limits) => {
    const image = new ImageData(map.columns, map.rows);
    const words = new Uint32Array(image.data.buffer);
    const scale = Colours.now()[map.scale];
    let empty = false;
    for (let k = 0; k < all.length; k++) {
      if (Number.isNaN(all[k])) {
        empty = true;
      } else {
        const at = 3 * Colours.level(all[k], limits);
        words[k] = (littleEndian | scale[at] | (scale[at + 1] << 8) | (scale[at + 2] << 16)) >>> 0;
      }
    }
    stage.width = map.columns;
    stage.height = map.rows;
    stage.getContext("2d").putImageData(image, 0, 0);
    return empty;
  };

  // Hatched, so that no value looks like none.
  const hatch = (context, x, y, across, down) => {
    context.save();
    context.beginPath();
    context.rect(x, y, across, down);
    context.clip();
    context.beginPath();
    for (let d = -down; d < across; d += 6) {
      context.moveTo(x + d, y + down);
      context.lineTo(x + d + down, y);
    }
    context.strokeStyle = Colours.now().empty;
    context.lineWidth = 1;
    context.stroke();
    context.restore();
  };

  const names = (context, map, at) => {
    const { ink, muted, sans } = Colours.now();
    context.font = at.font;
    context.fillStyle = ink;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (let i = 0; at.rowNames && i < map.rows; i += at.rowStep) {
      context.fillText(at.rowNames[i], at.left - gap, at.top + (i + 0.5) * at.cell + 1);
    }
    context.textAlign = at.turned ? "left" : "center";
    for (let j = 0; at.columnNames && j < map.columns; j += at.columnStep) {
      const x = at.left + (j + 0.5) * at.cell;
      if (at.turned) {
        context.save();
        context.translate(x + 1, at.top - gap);
        context.rotate(-Math.PI / 2);
        context.fillText(at.columnNames[j], 0, 0);
        context.restore();
      } else {
        context.fillText(at.columnNames[j], x, at.top - gap - label / 2 + 1);
      }
    }
    context.fillStyle = muted;
    context.font = `12px ${sans}`;
    context.textAlign = "left";
    if (map.columnTitle) context.fillText(map.columnTitle, at.left, 8);
    if (map.rowTitle) {
      context.save();
      context.translate(8, at.top);
      context.rotate(-Math.PI / 2);
      context.textAlign = "right";
      context.fillText(map.rowTitle, 0, 0);
      context.restore();
    }
  };

  // Hard edges where there are few cells; where there are very many, as many pixels as one sees.
  const thumbnailCell = count => (count > 170 ? Math.max(1, Math.floor(1024 / count)) : Math.max(least, Math.ceil(144 / count)));

  /**
   * Paints a map.
   * @param {HTMLCanvasElement} canvas
   * @param {object} map see above
   * @param {object} at its layout; null for a thumbnail, which has cells alone
   * @returns {{ range: [number, number], empty: boolean }} what the colours mean
   */
  const paint = (canvas, map, at) => {
    const all = values(map);
    const limits = range(map, all);
    const empty = pixels(map, all, limits);
    const cell = at ? at.cell : thumbnailCell(Math.max(map.columns, map.rows));
    const [wide, high] = at ? [at.width, at.height] : [map.columns * cell, map.rows * cell];
    const scale = Math.max(1, Math.min(window.devicePixelRatio || 1, 4096 / Math.max(wide, high)));
    const [x, y] = at ? [at.left, at.top] : [0, 0];
    if (canvas.width !== Math.round(wide * scale)) canvas.width = Math.round(wide * scale);
    if (canvas.height !== Math.round(high * scale)) canvas.height = Math.round(high * scale);
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, wide, high);
    context.imageSmoothingEnabled = false;
    if (empty) hatch(context, x, y, map.columns * cell, map.rows * cell);
    context.drawImage(stage, x, y, map.columns * cell, map.rows * cell);
    if (at) {
      context.strokeStyle = Colours.now().rule;
      context.strokeRect(x - 0.5, y - 0.5, map.columns * cell + 1, map.rows * cell + 1);
      names(context, map, at);
    }
    return { range: limits, empty };
  };

  return { values, range, digitsFor, layout, paint };
})();
