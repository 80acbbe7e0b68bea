/** Matrices as flat arrays, row by row. */
const Linear = (() => {
  /** @returns {Float64Array} x [n, k] times w [k, m]: [n, m] */
  const multiply = (x, w, n, k, m) => {
    const product = new Float64Array(n * m);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < k; j++) {
        const factor = x[i * k + j];
        if (factor === 0) continue;
        const row = j * m;
        for (let l = 0, out = i * m; l < m; l++, out++) product[out] += factor * w[row + l];
      }
    }
    return product;
  };

  /** @returns {Float64Array} x [n, k] times the transpose of y [m, k]: [n, m] */
  const multiplyTransposed = (x, y, n, k, m) => {
    const product = new Float64Array(n * m);
    for (let i = 0; i < n; i++) {
      for (let l = 0; l < m; l++) {
        let sum = 0;
        for (let j = 0; j < k; j++) sum += x[i * k + j] * y[l * k + j];
        product[i * m + l] = sum;
      }
    }
    return product;
  };

  /** @returns {Float64Array} rows of a table [_, width] by their numbers */
  const rows = (table, numbers, width) => {
    const all = new Float64Array(numbers.length * width);
    for (let i = 0; i < numbers.length; i++) all.set(table.subarray(numbers[i] * width, (numbers[i] + 1) * width), i * width);
    return all;
  };

  /** Adds y to x in place; of nothing, y's copy. @returns {Float64Array} x */
  const add = (x, y) => {
    if (x === null) return y.slice();
    for (let i = 0; i < x.length; i++) x[i] += y[i];
    return x;
  };

  /** @returns {Float64Array} x less y */
  const subtract = (x, y) => x.map((value, i) => value - y[i]);

  /** @returns {Float64Array} values [pos, width] moved by a causal pattern [pos, pos] */
  const mix = (pattern, values, length, width) => {
    const mixed = new Float64Array(length * width);
    for (let query = 0; query < length; query++) {
      for (let key = 0; key <= query; key++) {
        const share = pattern[query * length + key];
        if (share === 0) continue;
        for (let i = 0; i < width; i++) mixed[query * width + i] += share * values[key * width + i];
      }
    }
    return mixed;
  };

  /** Softmax of the first `count` numbers from a place on, in place; what stands behind them up to `width` becomes zero. */
  const softmaxRow = (x, first, count, width) => {
    let most = -Infinity;
    for (let i = 0; i < count; i++) most = Math.max(most, x[first + i]);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += x[first + i] = Math.exp(x[first + i] - most);
    for (let i = 0; i < count; i++) x[first + i] /= sum;
    x.fill(0, first + count, first + width);
  };

  /** @returns {Float64Array} scores [pos, pos] as a causal pattern, in place */
  const causalSoftmax = (scores, length) => {
    for (let query = 0; query < length; query++) softmaxRow(scores, query * length, query + 1, length);
    return scores;
  };

  return { multiply, multiplyTransposed, rows, add, subtract, mix, softmaxRow, causalSoftmax };
})();
