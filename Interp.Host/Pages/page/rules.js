/** Attention by rules: where a head looks, of the tokens alone. */
const Rules = (() => {
  /** The keys that a query looks at, evenly. */
  const keys = {
    uniform: (_, query) => Array.from({ length: query + 1 }, (_, key) => key),
    "same-letter": (tokens, query) => {
      const same = Array.from({ length: query }, (_, key) => key).filter((key) => tokens[key] === tokens[query]);
      return same.length > 0 ? same : [query];
    },
    "after-last-match": (tokens, query) => {
      for (let key = query; key > 0; key--) if (tokens[key - 1] === tokens[query]) return [key];
      return [query];
    },
    "after-first-match": (tokens, query) => {
      for (let key = 1; key <= query; key++) if (tokens[key - 1] === tokens[query]) return [key];
      return [query];
    },
  };

  const chosen = (rule) => {
    if (Object.hasOwn(keys, rule)) return keys[rule];
    const back = rule === "previous" ? 1 : Number(/^(\d+)-back$/.exec(rule)?.[1] ?? NaN);
    if (Number.isNaN(back)) throw new Error(`There is no rule ${rule}.`);
    return (_, query) => [Math.max(0, query - back)];
  };

  /** @returns {Float64Array} [pos, key_pos] */
  const pattern = (rule, tokens) => {
    const length = tokens.length;
    const all = new Float64Array(length * length);
    const looks = chosen(rule);
    for (let query = 0; query < length; query++) {
      const at = looks(tokens, query);
      for (const key of at) all[query * length + key] = 1 / at.length;
    }
    return all;
  };

  return { pattern };
})();
