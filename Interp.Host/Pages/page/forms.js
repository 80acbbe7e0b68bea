/** What an explanation keeps of a table; tables are {rows, columns, values} with values row by row. */
const Forms = (() => {
  // What rounding leaves of a length, beside all lengths together.
  const roundoff = 1e-12;

  const map = (m, entry) => ({ ...m, values: m.values.map((value, at) => entry(Math.floor(at / m.columns), at % m.columns, value)) });

  const zeros = (rows, columns) => ({ rows, columns, values: new Float64Array(rows * columns) });

  /** Every row the mean of the rows by weights that sum to one. */
  const overRows = (m, weights) => {
    const mean = new Float64Array(m.columns);
    m.values.forEach((value, at) => (mean[at % m.columns] += weights[Math.floor(at / m.columns)] * value));
    return map(m, (_, column) => mean[column]);
  };

  /** Every column the mean of the columns. */
  const overColumns = (m, weights) => {
    const mean = new Float64Array(m.rows);
    m.values.forEach((value, at) => (mean[Math.floor(at / m.columns)] += weights[at % m.columns] * value));
    return map(m, (row) => mean[row]);
  };

  const evenly = (count) => new Float64Array(count).fill(1 / count);

  const diagonal = (m) => Array.from({ length: m.rows }, (_, i) => m.values[i * m.columns + i]).reduce((a, b) => a + b, 0);

  const meanOff = (m) => (m.rows < 2 ? 0 : (m.values.reduce((a, b) => a + b, 0) - diagonal(m)) / (m.rows * (m.rows - 1)));

  const dot = (x, y) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
    return sum;
  };

  const less = (x, factor, y) => {
    for (let i = 0; i < x.length; i++) x[i] -= factor * y[i];
  };

  const turn = (x, y, cosine, sine) => {
    for (let i = 0; i < x.length; i++) {
      const first = x[i];
      x[i] = cosine * first - sine * y[i];
      y[i] = sine * first + cosine * y[i];
    }
  };

  /** Vectors at right angles to one another, each of length one, that all columns are sums of: the longest that is left comes next. */
  const basis = (columns, nothing) => {
    const rest = columns.map((column) => column.slice());
    const all = [];
    while (all.length < Math.min(columns.length, columns[0].length)) {
      const next = rest.reduce((x, y) => (dot(y, y) > dot(x, x) ? y : x)).slice();
      // Once more, as rounding has left something.
      for (const one of all) less(next, dot(next, one), one);
      const size = dot(next, next);
      if (size <= nothing) break;
      const one = next.map((x) => x / Math.sqrt(size));
      for (const column of rest) less(column, dot(column, one), one);
      all.push(one);
    }
    return all;
  };

  /**
   * The best approximation of a rank (Eckart and Young 1936): columns are turned against one another until they are at right angles
   * (one-sided Jacobi; Hestenes 1958), and the longest are kept.
   */
  const ofRank = (m, rank) => {
    if (rank >= Math.min(m.rows, m.columns)) return m;
    const columns = Array.from({ length: m.columns }, (_, j) => Float64Array.from({ length: m.rows }, (_, i) => m.values[i * m.columns + j]));
    // What rounding has left of a column, squared.
    const nothing = roundoff ** 2 * dot(m.values, m.values);
    const left = basis(columns, nothing);
    const right = left.map((one) => Float64Array.from(columns, (column) => dot(column, one)));
    const mostSweeps = 60;
    for (let sweep = 0, turned = true; turned && sweep < mostSweeps; sweep++) {
      turned = false;
      for (let p = 0; p < right.length; p++) {
        for (let q = p + 1; q < right.length; q++) {
          const [pp, qq, pq] = [dot(right[p], right[p]), dot(right[q], right[q]), dot(right[p], right[q])];
          if (Math.min(pp, qq) <= nothing || Math.abs(pq) <= Number.EPSILON * Math.sqrt(pp * qq)) continue;
          turned = true;
          const zeta = (qq - pp) / (2 * pq);
          const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
          const cosine = 1 / Math.sqrt(1 + tangent * tangent);
          turn(right[p], right[q], cosine, cosine * tangent);
          turn(left[p], left[q], cosine, cosine * tangent);
        }
      }
    }
    const longest = right.map((own, i) => ({ left: left[i], right: own, size: dot(own, own) })).sort((x, y) => y.size - x.size).slice(0, rank);
    return map(m, (row, column) => longest.reduce((sum, one) => sum + one.left[row] * one.right[column], 0));
  };

  /** What a form keeps; `rowsArePositions` says which side of a mixed table is which. */
  const keep = (form, m, rowsArePositions = false) => {
    const rows = () => overRows(m, evenly(m.rows));
    const columns = () => overColumns(m, evenly(m.columns));
    switch (form) {
      case "exact":
        return m;
      case "diagonal": {
        const mean = meanOff(m);
        return map(m, (row, column, value) => (row === column ? value : mean));
      }
      case "two-numbers": {
        const [own, mean] = [diagonal(m) / m.rows, meanOff(m)];
        return map(m, (row, column) => (row === column ? own : mean));
      }
      case "nothing":
        return zeros(m.rows, m.columns);
      case "over-queries":
        return rows();
      case "over-keys":
        return columns();
      case "over-letters":
        return rowsArePositions ? columns() : rows();
      case "over-positions":
        return rowsArePositions ? rows() : columns();
      default:
        if (form.startsWith("rank ")) return ofRank(m, Number(form.slice("rank ".length)));
        throw new Error(`There is no form ${form}.`);
    }
  };

  return { keep, overRows, overColumns, evenly, zeros };
})();
