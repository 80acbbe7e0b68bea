/** The model's forward pass, with interventions: the same sums as the program's, in double precision. */
const Forward = (() => {
  const name = (layer, head) => `${layer}.${head}`;

  /** Each row [width] mixed with the one before it: row p keeps shares[p - 1] of its own. */
  const smear = (x, shares, length, width) => {
    const mixed = x.slice();
    for (let p = 1; p < length; p++) {
      const own = shares[p - 1];
      for (let i = 0; i < width; i++) mixed[p * width + i] = own * x[p * width + i] + (1 - own) * x[(p - 1) * width + i];
    }
    return mixed;
  };

  /** The study's position code, sines for even and cosines for odd dimensions; position 0 has none: [pos, d_head] */
  const positionCode = (length, width) => {
    const code = new Float64Array(length * width);
    for (let p = 1; p < length; p++) {
      for (let i = 0; i < width; i++) {
        const angle = p / Math.pow(10000, (2 * i) / width);
        code[p * width + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
    return code;
  };

  /** Each pair of entries turned by an angle that grows with the position. */
  const rotate = (x, length, width) => {
    const turned = new Float64Array(x.length);
    for (let p = 0; p < length; p++) {
      for (let i = 0; i < width; i += 2) {
        const angle = p * Math.pow(10000, -i / width);
        const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
        const at = p * width + i;
        turned[at] = x[at] * cosine - x[at + 1] * sine;
        turned[at + 1] = x[at + 1] * cosine + x[at] * sine;
      }
    }
    return turned;
  };

  const place = (a, x, length) => {
    if (a.positions === "rotary") return rotate(x, length, a.d_head);
    return a.positions === "study" ? Linear.add(x, positionCode(length, a.d_head)) : x;
  };

  const checkTokens = (a, tokens) => {
    if (tokens.length === 0) throw new Error("The text is empty; at least one token is expected.");
    if (tokens.length > a.n_ctx) throw new Error(`The text has ${tokens.length} tokens, the model has ${a.n_ctx} positions.`);
    for (const token of tokens) {
      if (!(Number.isInteger(token) && token >= 0 && token < a.d_vocab)) throw new Error(`The text has a token that the model does not know; it has ${a.d_vocab}.`);
    }
  };

  const checkHead = (a, layer, head) => {
    if (!(layer >= 0 && layer < a.n_layers && head >= 0 && head < a.n_heads)) {
      throw new Error(`Head ${name(layer, head)} does not exist; the model has ${a.n_layers} layers of ${a.n_heads} heads, counted from 0.`);
    }
  };

  const meanOf = (M, edit, length) => {
    const mean = M.means(edit.layer, edit.head);
    if (mean === null) throw new Error(`The mean of head ${name(edit.layer, edit.head)} is not known, since the model's task is not.`);
    if (length > M.meanLength) {
      throw new Error(`The text has ${length} tokens, but the mean of head ${name(edit.layer, edit.head)} is taken from sequences of the task, which have ${M.meanLength}.`);
    }
    return mean.subarray(0, length * M.architecture.d_head);
  };

  const checkCut = (a, edit) => {
    if (edit.source === "positions" && a.positions !== "standard") {
      throw new Error(`There are no positions in the residual stream to cut: the model's positions are ${a.positions}, expected standard.`);
    }
    if (typeof edit.source === "object") {
      checkHead(a, edit.source.layer, edit.source.head);
      if (edit.source.layer >= edit.layer) {
        throw new Error(`Head ${name(edit.layer, edit.head)} does not read head ${name(edit.source.layer, edit.source.head)}, which is not in an earlier layer.`);
      }
    }
  };

  /**
   * What edits come to on a text: what heads write, their patterns, and what is cut; of several for one head the last one holds.
   * @returns {{z: Map<string, Float64Array>, patterns: Map<string, Float64Array>, cuts: Set<string>}} z [pos, d_head] and patterns
   *   [pos, pos] by "LAYER.HEAD"; cuts as "SOURCE -> LAYER.HEAD.INPUT"
   */
  const resolve = (M, tokens, edits) => {
    const a = M.architecture;
    const length = tokens.length;
    const [z, patterns, cuts] = [new Map(), new Map(), new Set()];
    let own = null;
    for (const edit of edits) {
      checkHead(a, edit.layer, edit.head);
      const head = name(edit.layer, edit.head);
      switch (edit.kind) {
        case "zero":
          z.set(head, new Float64Array(length * a.d_head));
          break;
        case "mean":
          z.set(head, meanOf(M, edit, length));
          break;
        case "freeze":
          own ??= run(M, tokens);
          patterns.set(head, own.patterns[edit.layer][edit.head]);
          break;
        case "pattern": {
          const source = edit.tokens.slice(0, length);
          if (source.length < length) {
            throw new Error(`The other text has ${source.length} tokens, expected at least the ${length} of the text that it patches.`);
          }
          patterns.set(head, run(M, source).patterns[edit.layer][edit.head]);
          break;
        }
        case "cut": {
          checkCut(a, edit);
          const source = typeof edit.source === "object" ? name(edit.source.layer, edit.source.head) : edit.source;
          cuts.add(`${source} -> ${head}.${edit.input}`);
          break;
        }
        default:
          throw new Error(`There is no intervention ${edit.kind}.`);
      }
    }
    return { z, patterns, cuts };
  };

  /**
   * Runs a model on tokens, under interventions: zero, mean, freeze, pattern (that of another text) and cut, as the program has them.
   * @returns {{length: number, logits: Float64Array, patterns: Float64Array[][], z: Float64Array[][], values: Float64Array[][]}} logits
   *   [pos, vocab]; by layer and head patterns [pos, key_pos], z and values [pos, d_head]
   */
  const run = (M, tokens, edits = []) => {
    const a = M.architecture;
    checkTokens(a, tokens);
    const [length, width] = [tokens.length, a.d_head];
    const { z: written, patterns: replaced, cuts } = resolve(M, tokens, edits);
    const embedded = Linear.rows(M.W_E, tokens, a.d_model);
    const components = [["embedding", embedded]];
    let stream = embedded;
    if (M.W_pos !== null) {
      components.push(["positions", M.W_pos.subarray(0, length * a.d_model)]);
      stream = Linear.add(stream.slice(), components[1][1]);
    }
    const read = (layer, head, input, w) => {
      let x = stream;
      if (cuts.size > 0) {
        for (const [source, value] of components) {
          if (cuts.has(`${source} -> ${name(layer, head)}.${input}`)) x = Linear.subtract(x, value);
        }
      }
      return Linear.multiply(x, w, length, a.d_model, width);
    };
    const [patterns, z, values] = [[], [], []];
    for (let layer = 0; layer < a.n_layers; layer++) {
      const block = M.blocks[layer];
      [patterns[layer], z[layer], values[layer]] = [[], [], []];
      const outputs = [];
      for (let head = 0; head < a.n_heads; head++) {
        let query = read(layer, head, "q", block.W_Q[head]);
        let key = read(layer, head, "k", block.W_K[head]);
        const value = read(layer, head, "v", block.W_V[head]);
        if (block.smearQueries !== null) query = smear(query, block.smearQueries[head], length, width);
        if (block.smear !== null) key = smear(key, block.smear[head], length, width);
        const scores = Linear.multiplyTransposed(place(a, query, length), place(a, key, length), length, width, length);
        for (let i = 0; i < scores.length; i++) scores[i] /= Math.sqrt(width);
        const pattern = replaced.get(name(layer, head)) ?? Linear.causalSoftmax(scores, length);
        const mixed = written.get(name(layer, head)) ?? Linear.mix(pattern, value, length, width);
        patterns[layer].push(pattern);
        values[layer].push(value);
        z[layer].push(mixed);
        outputs.push([name(layer, head), Linear.multiply(mixed, block.W_O[head], length, width, a.d_model)]);
      }
      stream = stream.slice();
      for (const output of outputs) {
        Linear.add(stream, output[1]);
        components.push(output);
      }
    }
    return { length, logits: Linear.multiply(stream, M.W_U, length, a.d_model, a.d_vocab), patterns, z, values };
  };

  /** @param {ArrayLike<number>} row logits of one position [vocab] @returns {Float64Array} probabilities [vocab] */
  const probabilities = (row) => {
    const all = Float64Array.from(row);
    Linear.softmaxRow(all, 0, all.length, all.length);
    return all;
  };

  /** @returns {Float64Array} log p of each token behind a position of a run, in nats: [vocab] */
  const logProbabilities = (ran, position) => {
    const vocabulary = ran.logits.length / ran.length;
    const row = ran.logits.slice(position * vocabulary, (position + 1) * vocabulary);
    let most = -Infinity;
    for (let k = 0; k < vocabulary; k++) most = Math.max(most, row[k]);
    let sum = 0;
    for (let k = 0; k < vocabulary; k++) sum += Math.exp(row[k] - most);
    const norm = Math.log(sum) + most;
    for (let k = 0; k < vocabulary; k++) row[k] -= norm;
    return row;
  };

  /** @returns {Float64Array} -log p of each token but the first, in nats: [pos - 1] */
  const loss = (ran, tokens) => Float64Array.from({ length: ran.length - 1 }, (_, i) => -logProbabilities(ran, i)[tokens[i + 1]]);

  return { run, resolve, smear, rotate, positionCode, checkTokens, probabilities, logProbabilities, loss };
})();
