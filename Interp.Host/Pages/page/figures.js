/**
 * What figures say: the mark or the cell under the pointer, in words, as a tip and in a live region. By keyboard a figure is one tab stop,
 * and arrows step through its marks. Figures are drawn beforehand; `data-says` has their words (SpokenFigure.cs). Where the page has a link
 * to a mark's training, `<a id="training-17">`, a click on the mark or Enter follows it.
 */
const Figures = (() => {
  const SVG = 'http://www.w3.org/2000/svg';
  /** A mark is under the pointer from so far, in CSS pixels of the figure. */
  const REACH = 28;
  /** Milliseconds that the pointer has to rest before a mark is spoken. */
  const REST = 250;

  let tip = null;
  let region = null;
  let resting = 0;

  /** The tip and the live region, which all figures of a page share. */
  const shared = () => {
    if (tip) return;
    tip = document.createElement('div');
    tip.className = 'figure-tip';
    tip.hidden = true;
    tip.setAttribute('aria-hidden', 'true');
    region = document.createElement('div');
    region.className = 'figure-live';
    region.setAttribute('role', 'status');
    document.body.append(tip, region);
  };

  const number = text => text.replace('-', '−');
  const numeric = text => /^[−-]?[\d.,]+(e[−-]?\d+)?$/.test(text);
  const lines = text => (text === '' ? [] : text.split('\n'));
  const named = (label, value) => (label && (numeric(value) || label.length < 24) ? `${label} ${value}` : value);

  /**
   * A map as a list of places. `at` is { x, y, width, height } of a cell in the figure's pixels.
   * @returns {{ first: object, find: Function, step: Function, words: Function, training: Function, box: Function, hint: string } | null}
   */
  const cellsOf = says => {
    const [left, top, width, height] = says.at;
    const values = lines(says.cells).map(row => row.split(','));
    const rows = says.rows === undefined ? null : says.rows.split('\t');
    const columns = says.columns === undefined ? null : says.columns.split('\t');
    const count = { rows: values.length, columns: values[0].length };
    const inside = (row, column) => row >= 0 && column >= 0 && row < count.rows && column < count.columns;
    const name = (names, place) => (names && names[place] !== undefined ? names[place] : String(place));
    return {
      first: { row: 0, column: 0 },
      hint: `${count.rows} rows and ${count.columns} columns. Arrow keys step through them.`,
      find: (x, y) => {
        const place = { row: Math.floor((y - top) / height), column: Math.floor((x - left) / width) };
        return inside(place.row, place.column) ? place : null;
      },
      step: ({ row, column }, key) => {
        const moves = {
          ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
          Home: [row, 0], End: [row, count.columns - 1], PageUp: [0, column], PageDown: [count.rows - 1, column],
        };
        const [toRow, toColumn] = moves[key];
        return inside(toRow, toColumn) ? { row: toRow, column: toColumn } : { row, column };
      },
      words: ({ row, column }) => {
        const value = values[row][column];
        const place = [named(says.y, name(rows, row)), named(says.x, name(columns, column))].filter(word => word).join(', ');
        return `${place}: ${value === '' ? 'no value' : `${says.unit} ${number(value)}`}`;
      },
      training: () => null,
      box: ({ row, column }) => ({ x: left + column * width, y: top + row * height, width, height }),
    };
  };

  /** The same of points, signs and bars. A place is { series, mark }. */
  const marksOf = says => {
    const all = says.marks.map(series => ({
      name: series.name,
      marks: lines(series.says).map((line, mark) => ({ x: series.at[2 * mark], y: series.at[2 * mark + 1], words: line.split('\t'), training: series.of?.[mark] ?? null })),
    })).filter(series => series.marks.length > 0);
    if (all.length === 0) return null;
    for (const series of all) series.marks.sort((one, other) => one.x - other.x || one.y - other.y);
    const mark = place => all[place.series].marks[place.mark];
    const nearest = (series, x) => all[series].marks.reduce(
      (best, each, index) => (Math.abs(each.x - x) < Math.abs(all[series].marks[best].x - x) ? index : best), 0);
    return {
      first: { series: 0, mark: 0 },
      hint: `${all.reduce((sum, series) => sum + series.marks.length, 0)} marks. Left and right arrow keys step through them`
        + (all.length > 1 ? `, up and down through ${all.length} series.` : '.'),
      find: (x, y) => {
        let best = null;
        let least = REACH * REACH;
        all.forEach((series, index) => series.marks.forEach((each, place) => {
          const far = (each.x - x) ** 2 + (each.y - y) ** 2;
          if (far < least) [least, best] = [far, { series: index, mark: place }];
        }));
        return best;
      },
      step: (place, key) => {
        const count = all[place.series].marks.length;
        const other = Math.min(all.length - 1, Math.max(0, place.series + (key === 'ArrowUp' ? -1 : 1)));
        switch (key) {
          case 'ArrowLeft': return { ...place, mark: Math.max(0, place.mark - 1) };
          case 'ArrowRight': return { ...place, mark: Math.min(count - 1, place.mark + 1) };
          case 'Home': return { ...place, mark: 0 };
          case 'End': return { ...place, mark: count - 1 };
          case 'ArrowUp':
          case 'ArrowDown': return other === place.series ? place : { series: other, mark: nearest(other, mark(place).x) };
          default: return place;
        }
      },
      words: place => {
        const [across, upright, name] = mark(place).words;
        const head = [all[place.series].name, name].filter(word => word).join(', ');
        return `${head ? `${head}: ` : ''}${named(says.x, across)}, ${named(says.y, upright)}`;
      },
      training: place => mark(place).training,
      box: place => ({ x: mark(place).x - 7, y: mark(place).y - 7, width: 14, height: 14 }),
    };
  };

  /**
   * What a figure says, from its `data-says`. A place is what `find` gives for a point in the figure's pixels (null where nothing is) and
   * `step` for a key; `words`, `box` and `training` are of a place. Null where the figure has no marks.
   */
  const places = says => (says.cells === undefined ? marksOf(says) : cellsOf(says));

  /** One figure. */
  const mount = svg => {
    const says = JSON.parse(svg.dataset.says);
    const spoken = places(says);
    if (!spoken) return;
    const ring = document.createElementNS(SVG, 'rect');
    ring.setAttribute('class', 'figure-ring');
    ring.setAttribute('fill', 'none');
    ring.setAttribute('rx', says.cells === undefined ? '7' : '0');
    let place = spoken.first;
    let armed = true;

    const linkOf = at => {
      const training = spoken.training(at);
      return training === null ? null : document.getElementById(`training-${training}`);
    };
    /** As the link itself would be followed: with Ctrl or the middle button in another tab. */
    const follow = (link, event) => link.dispatchEvent(new MouseEvent('click', {
      bubbles: true, cancelable: true, view: window, button: event.button ?? 0,
      ctrlKey: event.ctrlKey, metaKey: event.metaKey, shiftKey: event.shiftKey,
    }));

    const hide = () => {
      clearTimeout(resting);
      ring.remove();
      tip.hidden = true;
      svg.classList.remove('leads');
    };
    const show = (at, byKey) => {
      place = at;
      const box = spoken.box(at);
      for (const [name, value] of Object.entries(box)) ring.setAttribute(name, value);
      svg.append(ring);
      const link = linkOf(at);
      svg.classList.toggle('leads', link !== null);
      const words = spoken.words(at) + (link === null ? '' : `. ${byKey ? 'Enter' : 'A click'} opens its live page`);
      tip.textContent = words;
      tip.hidden = false;
      const mark = ring.getBoundingClientRect();
      const size = tip.getBoundingClientRect();
      const left = Math.min(Math.max(8, mark.left + mark.width / 2 - size.width / 2), document.documentElement.clientWidth - size.width - 8);
      const above = mark.top - size.height - 8;
      tip.style.left = `${Math.max(8, left)}px`;
      tip.style.top = `${above < 8 ? mark.bottom + 8 : above}px`;
      clearTimeout(resting);
      if (byKey) region.textContent = words;
      else resting = setTimeout(() => { region.textContent = words; }, REST);
    };

    svg.setAttribute('tabindex', '0');
    const under = event => {
      const shown = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / shown.width;
      return spoken.find((event.clientX - shown.left) * scale, (event.clientY - shown.top) * scale);
    };
    svg.addEventListener('pointermove', event => {
      const found = under(event);
      if (found) show(found, false);
      else hide();
    });
    svg.addEventListener('pointerdown', event => {
      const found = under(event);
      const isShown = ring.isConnected && !tip.hidden && found !== null && spoken.words(found) === spoken.words(place);
      // A finger has no hovering: its first tap says what is there, the second follows.
      armed = event.pointerType !== 'touch' || isShown;
      if (!armed && found) show(found, false);
    });
    for (const kind of ['click', 'auxclick']) {
      svg.addEventListener(kind, event => {
        const found = under(event);
        const link = found && event.button < 2 ? linkOf(found) : null;
        if (link && armed) follow(link, event);
      });
    }
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('blur', hide);
    svg.addEventListener('focus', () => {
      if (!svg.matches(':focus-visible')) return;
      show(place, true);
      region.textContent = `${region.textContent}. ${spoken.hint}`;
    });
    svg.addEventListener('keydown', event => {
      if (event.key === 'Enter' && ring.isConnected && linkOf(place)) {
        event.preventDefault();
        follow(linkOf(place), event);
        return;
      }
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === 'Escape') hide();
      else if (/^(Arrow(Left|Right|Up|Down)|Home|End|PageUp|PageDown)$/.test(event.key)) {
        event.preventDefault();
        show(spoken.step(place, event.key), true);
      }
    });
  };

  /** Makes every figure below a node speak. Called once. */
  const start = (root = document) => {
    const figures = root.querySelectorAll('svg.figure[data-says]');
    if (figures.length === 0) return;
    shared();
    figures.forEach(mount);
    window.addEventListener('scroll', () => { tip.hidden = true; }, { passive: true });
  };

  return { start, places };
})();
