/** Running an explanation in the model's place: tables between tokens looked up and moved by patterns. */
const Explained = (() => {
  const isLetters = (end) => end !== "pos";

  /** A side of queries (rows) or keys (columns) without one of the things that scores can be without. */
  const leave = (M, e, without, by, end, m) => {
    const ofLetters = without.endsWith("letter");
    if (ofLetters !== isLetters(end)) return m;
    const ofQuery = without.startsWith("query");
    const over = (weights) => (ofQuery ? Forms.overRows(m, weights) : Forms.overColumns(m, weights));
    const count = ofQuery ? m.rows : m.columns;
    switch (by) {
      case "mean":
        return over(Forms.evenly(count));
      case "frequencies":
        return over(ofLetters ? e.kept.frequencies : Forms.evenly(count));
      case "zero":
        return Forms.zeros(m.rows, m.columns);
      default: {
        // Letters are looked up by another text's tokens.
        if (ofLetters) return m;
        const values = m.values.map((_, at) => {
          const [row, column] = [Math.floor(at / m.columns), at % m.columns];
          return ofQuery ? m.values[e.places[row] * m.columns + column] : m.values[row * m.columns + e.places[column]];
        });
        return { ...m, values };
      }
    }
  };

  /**
   * All terms of a pattern's scores, between all that its queries and all that its keys read, as one table: what each side of a query makes of it,
   * its rows, and each side of a key, where its columns are.
   */
  const sides = (M, e, pattern) => {
    const a = M.architecture;
    const counts = Carried.paths(a, Carried.layerOf(pattern.head)).map((path) => [path, a.d_vocab]);
    if (Carried.havePositions(a)) counts.push(["pos", a.n_ctx]);
    const starts = new Map();
    let size = 0;
    for (const [end, count] of counts) {
      starts.set(end, size);
      size += count;
    }
    const forms = new Map(pattern.terms.map(([query, key, form]) => [`${query} ${key}`, form]));
    const rows = new Map();
    const columns = new Map();
    for (const [query, count] of counts) {
      const all = Forms.zeros(count, size);
      for (const [key] of counts) {
        const form = forms.get(`${query} ${key}`) ?? "exact";
        if (form === "nothing") continue;
        let term = Forms.keep(form, Carried.score(M, pattern.head, query, key), !isLetters(query));
        for (const without of pattern.without) term = leave(M, e, without, pattern.by, without.startsWith("query") ? query : key, term);
        for (let row = 0; row < count; row++) {
          all.values.set(term.values.subarray(row * term.columns, (row + 1) * term.columns), row * size + starts.get(key));
        }
      }
      rows.set(query, all);
      const own = Forms.zeros(count, size);
      for (let row = 0; row < count; row++) own.values[row * size + starts.get(query) + row] = 1;
      columns.set(query, own);
    }
    return { query: (end) => rows.get(end), key: (end) => columns.get(end) };
  };

  /** Both added up, where there are both. */
  const sum = (x, y) => (x === null ? y : y === null ? x : { ...x, values: Linear.add(x.values.slice(), y.values) });

  /** What all heads' patterns of one text have in common. */
  const start = (M, e, tokens, edits) => {
    const { z, patterns, cuts } = Forward.resolve(M, tokens, edits);
    for (const { source, head, input } of e.cuts) cuts.add(`${source} -> ${head}.${input}`);
    if (e.others !== null && e.others.length < tokens.length) {
      throw new Error(`The text has ${tokens.length} tokens, but letters are taken from sequences of the task, which have ${e.others.length}.`);
    }
    const sources = new Map(e.sources.map((source) => [`${source.head} ${source.by ?? ""}`, source]));
    return { M, e, tokens, z, replaced: patterns, cuts, sources, made: new Map(), others: e.others?.slice(0, tokens.length) ?? null };
  };

  /** Whether tokens come along a path: no head on it writes something else, and none of its heads' values is cut from the one before. */
  const isWhole = (run, path) => {
    let before = "embedding";
    for (const head of Carried.headsOf(path)) {
      if (run.z.has(head) || run.cuts.has(`${before} -> ${head}.v`)) return false;
      before = head;
    }
    return true;
  };

  const lastOf = (path) => (path === "" ? "embedding" : Carried.headsOf(path).at(-1));

  /** The residual stream without what tokens write along paths: learned positions, and what heads write instead of what they mix. */
  const besides = (run, by, layer) => {
    const { M, tokens } = run;
    const a = M.architecture;
    const length = tokens.length;
    let written = M.W_pos === null ? [] : [["positions", M.W_pos.subarray(0, length * a.d_model)]];
    for (let at = 0; at < layer; at++) {
      const wrote = [];
      for (const head of Carried.names(a, at)) {
        const w = Carried.weights(M, head);
        if (run.z.has(head)) {
          wrote.push([head, Linear.multiply(run.z.get(head), w.O, length, a.d_head, a.d_model)]);
          continue;
        }
        const reads = written.filter(([source]) => !run.cuts.has(`${source} -> ${head}.v`)).reduce((x, [, y]) => Linear.add(x, y), null);
        if (reads === null) continue;
        const values = Linear.multiply(Linear.mix(pattern(run, by, head), reads, length, a.d_model), w.V, length, a.d_model, a.d_head);
        wrote.push([head, Linear.multiply(values, w.O, length, a.d_head, a.d_model)]);
      }
      written = [...written, ...wrote];
    }
    return written;
  };

  /** What a head's queries or keys make of tokens and places, by a table of each: [pos, width] */
  const read = (run, kept, input, table) => {
    const { M, tokens } = run;
    const a = M.architecture;
    const letter = input === "q" ? "query-letter" : "key-letter";
    const looked = kept.by === "resampling" && kept.without.includes(letter) ? run.others : tokens;
    const letters = Carried.carry(a, looked, Carried.layerOf(kept.head), (head) => pattern(run, kept.head, head), (path) =>
      isWhole(run, path) && !run.cuts.has(`${lastOf(path)} -> ${kept.head}.${input}`) ? table(path) : null);
    const positioned = Carried.havePositions(a) && !run.cuts.has(`positions -> ${kept.head}.${input}`);
    const all = positioned ? table("pos") : null;
    const places = all === null ? null : { columns: all.columns, values: all.values.slice(0, tokens.length * all.columns) };
    // The study's codes are put to queries and keys behind the smear, which mixes learned positions.
    return a.positions === "standard" ? smeared(run, kept.head, input, sum(letters, places)) : sum(smeared(run, kept.head, input, letters), places);
  };

  const smeared = (run, head, input, x) => {
    const w = Carried.weights(run.M, head);
    const shares = input === "q" ? w.smearQueries : w.smear;
    return x === null || shares === undefined ? x : { ...x, values: Forward.smear(x.values, shares, run.tokens.length, x.columns) };
  };

  /** What a head's queries or keys read of the stream beside tokens and their own places. */
  const readBesides = (run, head, input, written) => {
    const { M, tokens } = run;
    const a = M.architecture;
    const w = Carried.weights(M, head)[input === "q" ? "Q" : "K"];
    const reads = written
      .filter(([source]) => source !== "positions" && !run.cuts.has(`${source} -> ${head}.${input}`))
      .reduce((x, [, y]) => Linear.add(x, y), null);
    if (reads === null) return null;
    return smeared(run, head, input, { columns: a.d_head, values: Linear.multiply(reads, w, tokens.length, a.d_model, a.d_head) });
  };

  /** A pattern by the terms of its scores: [pos, key_pos] */
  const scored = (run, kept) => {
    const { M, e, tokens } = run;
    const a = M.architecture;
    const { head } = kept;
    const [length, layer] = [tokens.length, Carried.layerOf(head)];
    const scores = new Float64Array(length * length);
    const meet = (q, k, scale) => {
      if (q === null || k === null) return;
      Linear.multiplyTransposed(q.values, k.values, length, q.columns, length).forEach((score, at) => (scores[at] += scale * score));
    };
    const vectors = (matrix) => (end) => {
      const left = kept.without.filter((without) => without.startsWith(matrix === "Q" ? "query" : "key"));
      // Rows are letters or places on both sides.
      return left.reduce((m, without) => leave(M, e, without.replace("key", "query"), kept.by, end, m), Carried.vectors(M, head, matrix, end));
    };
    const written = besides(run, head, layer);
    const [otherQuery, otherKey] = ["q", "k"].map((input) => readBesides(run, head, input, written));
    const query = () => read(run, kept, "q", vectors("Q"));
    const key = () => read(run, kept, "k", vectors("K"));
    const scale = 1 / Math.sqrt(a.d_head);
    if (a.positions === "rotary") {
      const turned = (x) => (x === null ? null : { ...x, values: Forward.rotate(x.values, length, x.columns) });
      meet(turned(sum(query(), otherQuery)), turned(sum(key(), otherKey)), scale);
    } else if (kept.terms.length === 0) {
      meet(sum(query(), otherQuery), sum(key(), otherKey), scale);
    } else {
      const terms = Once.of(e, kept, () => sides(M, e, kept));
      meet(read(run, kept, "q", terms.query), read(run, kept, "k", terms.key), 1);
      if (otherKey !== null) meet(sum(query(), otherQuery), otherKey, scale);
      if (otherQuery !== null) meet(otherQuery, key(), scale);
    }
    return Linear.causalSoftmax(scores, length);
  };

  const average = (run, number) => {
    const { length, values } = run.M.averages[run.e.kept.averages[number]];
    const size = run.tokens.length;
    if (size > length) throw new Error(`The text has ${size} tokens, but patterns are averaged over sequences of the task, which have ${length}.`);
    return Float64Array.from({ length: size * size }, (_, at) => values[Math.floor(at / size) * length + (at % size)]);
  };

  const memo = (run, name, make) => {
    if (!run.made.has(name)) run.made.set(name, make());
    return run.made.get(name);
  };

  /** The pattern by which a head's values move, or that through which the attention of the head `by` reads what it moves: [pos, key_pos] */
  const pattern = (run, by, head) =>
    memo(run, `${head} ${by ?? ""}`, () => {
      if (run.replaced.has(head)) return run.replaced.get(head);
      const source = run.sources.get(`${head} ${by ?? ""}`);
      if (source === undefined) return memo(run, `exact ${head}`, () => scored(run, { head, terms: [], without: [], by: "mean" }));
      if (source.rule !== undefined) return Rules.pattern(source.rule, run.tokens);
      const all = source.patterns.map((number) =>
        source.averaged ? average(run, number) : memo(run, `pattern ${number}`, () => scored(run, run.e.patterns[number])));
      return all.reduce((x, y) => Linear.add(x, y), null).map((share) => share / all.length);
    });

  const table = (M, e, path) =>
    Once.of(e, `path ${path}`, () => {
      const form = e.paths.find(([name]) => name === path)?.[1] ?? "exact";
      return form === "nothing" ? null : Forms.keep(form, Carried.logits(M, path));
    });

  /**
   * Runs an explanation, one of M.explanations, in its model's place, under the interventions that Forward.run takes.
   * @returns {{length: number, logits: Float64Array, patterns: Float64Array[][]}} logits [pos, vocab]; by layer and head the patterns by
   *   which values move [pos, key_pos]
   */
  const run = (M, e, tokens, edits = []) => {
    const a = M.architecture;
    Forward.checkTokens(a, tokens);
    const length = tokens.length;
    const going = start(M, e, tokens, edits);
    const moves = (head) => pattern(going, null, head);
    const letters = Carried.carry(a, tokens, a.n_layers, moves, (path) => (isWhole(going, path) ? table(M, e, path) : null));
    const logits = letters?.values ?? new Float64Array(length * a.d_vocab);
    for (const [, x] of besides(going, null, a.n_layers)) Linear.add(logits, Linear.multiply(x, M.W_U, length, a.d_model, a.d_vocab));
    const patterns = Array.from({ length: a.n_layers }, (_, layer) => Carried.names(a, layer).map(moves));
    return { length, logits, patterns };
  };

  return { run };
})();
