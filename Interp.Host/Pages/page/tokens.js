/** Text to tokens and back, by the names of a model's tokens; what is not a token is kept as it is, so that the page can show it. */
const Tokens = (() => {
  const graphemes = text => (Intl.Segmenter ? [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].map(s => s.segment) : [...text]);

  // How a model's texts are read: as words with spaces between, as characters with escapes among them (of texts), or as characters as people count them.
  const reading = model => Once.of(model.tokens, "reading", () => {
    const { names, separator, written: given } = model.tokens;
    const numbers = new Map(names.map((name, token) => [name, token]));
    const hasBytes = numbers.has("\\x80");
    const isCharacters = separator === "" && (given ?? null) !== null;
    const written = given ?? names;
    if (isCharacters) written.forEach((text, token) => { if (!numbers.has(text)) numbers.set(text, token); });
    return { numbers, written, isCharacters, hasBytes, isWords: separator !== "" };
  });

  const characters = (text, { numbers, hasBytes }) => {
    const found = [];
    for (let place = 0; place < text.length;) {
      const escape = text[place] === "\\" && [2, 4, 6, 10].map(length => text.slice(place, place + length)).find(word => word.length > 1 && numbers.has(word));
      const itself = escape || String.fromCodePoint(text.codePointAt(place));
      const bytes = !numbers.has(itself) && hasBytes && itself.codePointAt(0) > 127
        ? encodeURIComponent(itself.replace(/\p{Cs}/gu, "\ufffd")).match(/%../g).map(byte => `\\x${byte.slice(1).toLowerCase()}`) : null;
      if (bytes?.every(byte => numbers.has(byte))) found.push(...bytes);
      else found.push(itself);
      place += itself.length;
    }
    return found;
  };

  const split = (model, text) => {
    const how = reading(model);
    if (how.isWords) return text.split(/\s+/).filter(word => word !== "");
    return how.isCharacters ? characters(text, how) : graphemes(text);
  };

  /**
   * A text as a model reads it: its tokens, at most as many as the model has positions, the last ones of a longer text.
   * @returns {{ pieces: { text: string, token: number|null, position: number|null }[], tokens: number[], unknown: string[], dropped: number }}
   * every piece of the text with its token (null where it is none) and position (null where the model does not read it); how many tokens are left out
   */
  const parse = (model, text) => {
    const { numbers } = reading(model);
    const longest = model.architecture.n_ctx;
    const pieces = split(model, text).map(piece => ({ text: piece, token: numbers.get(piece) ?? null, position: null }));
    const read = pieces.filter(piece => piece.token !== null);
    const dropped = Math.max(0, read.length - longest);
    read.slice(dropped).forEach((piece, position) => { piece.position = position; });
    return {
      pieces,
      tokens: read.slice(dropped).map(piece => piece.token),
      unknown: [...new Set(pieces.filter(piece => piece.token === null).map(piece => piece.text))],
      dropped,
    };
  };

  /** A token's name, fit to be shown; its number in brackets for one that has none. */
  const name = (model, token) => Dom.shown(model.tokens.names[token] ?? `[${token}]`);

  /** Tokens as a text, which `parse` reads, and the program too. */
  const toText = (model, tokens) => {
    const { written } = reading(model);
    return [...tokens].map(token => written[token] ?? `[${token}]`).join(model.tokens.separator);
  };

  /** The same in a line that a terminal takes: what does not print has its name instead. */
  const toLine = (model, tokens) => {
    const { written } = reading(model);
    const spelled = token => (written[token] === " " || Dom.shown(written[token]) === written[token] ? written[token] : model.tokens.names[token]);
    return [...tokens].map(spelled).join(model.tokens.separator);
  };

  /** What tokens a model knows: "A to Z", "0 to 63 and =" */
  const describe = model => {
    const names = model.tokens.names.map(token => Dom.short(token, 12));
    // A run of one kind and what stands behind it.
    const kind = text => (/^[A-Z]$/.test(text) ? "A" : /^[a-z]$/.test(text) ? "a" : /^\d+$/.test(text) ? "0" : text);
    let last = 0;
    while (last + 1 < names.length && kind(names[last + 1]) === kind(names[0])) last++;
    const rest = names.slice(last + 1);
    const first = last > 2 ? [`${names[0]} to ${names[last]}`] : names.slice(0, last + 1);
    const shown = rest.length > 12 ? [...rest.slice(0, 10), `${rest.length - 10} more`] : rest;
    return Dom.list([...first, ...shown]);
  };

  /** Whether a model's texts are words with separators between. */
  const isWords = model => reading(model).isWords;

  /** Whether a text may hold the ends of lines, as tokens. */
  const hasLines = model => reading(model).numbers.has("\n");

  return { parse, name, toText, toLine, describe, isWords, hasLines };
})();
