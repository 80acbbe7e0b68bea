/** What an explanation keeps of a table; tables are {rows, columns, values} with values row by row. */
const Forms = (() => {
  // What is left of an entry by rounding, for some hundred steps of rotation.
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

  /**
   * The best approximation of a rank (Eckart and Young 1936): columns are turned against one another until they are at right angles
   * (one-sided Jacobi; Hestenes 1958), and the longest are kept.
   */
  const ofRank = (m, rank) => {
    if (rank >= Math.min(m.rows, m.columns)) return m;
    const columns = Array.from({ length: m.columns }, (_, j) => Float64Array.from({ length: m.rows }, (_, i) => m.values[i * m.columns + j]));
    const right = columns.map((_, j) => Float64Array.from(columns, (_, i) => (i === j ? 1 : 0)));
    const dot = (x, y) => {
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
      return sum;
    };
    const turn = (x, y, cosine, sine) => {
      for (let i = 0; i < x.length; i++) {
        const first = x[i];
        x[i] = cosine * first - sine * y[i];
        y[i] = sine * first + cosine * y[i];
      }
    };
    // A column this much shorter than all together, squared, is what rounding has left.
    const nothing = roundoff ** 2 * dot(m.values, m.values);
    const mostSweeps = 60;
    for (let sweep = 0, turned = true; turned && sweep < mostSweeps; sweep++) {
      turned = false;
      for (let p = 0; p < m.columns; p++) {
        for (let q = p + 1; q < m.columns; q++) {
          const [pp, qq, pq] = [dot(columns[p], columns[p]), dot(columns[q], columns[q]), dot(columns[p], columns[q])];
          if (Math.min(pp, qq) <= nothing || Math.abs(pq) <= Number.EPSILON * Math.sqrt(pp * qq)) continue;
          turned = true;
          const zeta = (qq - pp) / (2 * pq);
          const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
          const cosine = 1 / Math.sqrt(1 + tangent * tangent);
          turn(columns[p], columns[q], cosine, cosine * tangent);
          turn(right[p], right[q], cosine, cosine * tangent);
        }
      }
    }
    const longest = columns.map((column, j) => ({ column, right: right[j], size: dot(column, column) })).sort((x, y) => y.size - x.size).slice(0, rank);
    return map(m, (row, column) => longest.reduce((sum, one) => sum + one.column[row] * one.right[column], 0));
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
