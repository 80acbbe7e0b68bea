/**
 * Building the page: elements, what is said to screen readers, numbers in words, names that may hold anything, copying, idle time.
 * Nothing here takes markup: texts of models and people become text nodes.
 */
const Dom = (() => {
  const svgSpace = "http://www.w3.org/2000/svg";
  const properties = new Set(["value", "checked", "indeterminate", "disabled", "hidden", "open", "selected", "readOnly", "tabIndex", "htmlFor"]);

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined) continue;
      if (name === "class") element.setAttribute("class", value);
      else if (name === "text") element.textContent = value;
      else if (name === "css") for (const [property, own] of Object.entries(value)) element.style.setProperty(property, own);
      else if (name.startsWith("on") && typeof value === "function") element.addEventListener(name.slice(2), value);
      else if (properties.has(name)) element[name] = value;
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false) element.setAttribute(name, String(value));
    }
    return element;
  }

  const add = (element, children) => {
    element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
    return element;
  };

  /**
   * An element. Attributes: `class`, `text`, `css` (properties by CSSOM, as the page's policy forbids style attributes), `onclick` and its like
   * (functions), properties such as `checked`, else attributes as they are; null is left out. Children: nodes, strings, lists of these.
   */
  const el = (tag, attributes, ...children) => add(set(document.createElement(tag), attributes), children);

  /** The same of an SVG element. */
  const svg = (tag, attributes, ...children) => add(set(document.createElementNS(svgSpace, tag), attributes), children);

  /** Sets a text, if it is another one. */
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };

  /** Sets an attribute, if it is another one; null takes it away. */
  const mark = (node, name, value) => {
    if (value === null || value === undefined || value === false) { if (node.hasAttribute(name)) node.removeAttribute(name); }
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
  };

  /** Makes an element's children `count`, each made once by `make(i)` and used again: a keystroke then changes texts, not trees. */
  const pool = (parent, count, make) => {
    while (parent.children.length > count) parent.lastElementChild.remove();
    while (parent.children.length < count) parent.append(make(parent.children.length));
    return parent.children;
  };

  let number = 0;
  /** An id that the page does not have yet. */
  const id = (stem = "x") => `${stem}-${++number}`;

  let region = null;
  let saying = 0;
  /** Says a text to screen readers, politely, once things are quiet. */
  const say = text => {
    if (!region) document.body.append(region = el("div", { class: "unseen", role: "status", "aria-live": "polite" }));
    clearTimeout(saying);
    saying = setTimeout(() => put(region, text), 120);
  };

  // What takes no room of its own, turns the direction of writing or ends a line would make two names look alike.
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b-\u180f\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/gu;
  const escaped = character => [...Array(character.length).keys()].map(i => "\\u" + character.charCodeAt(i).toString(16).padStart(4, "0")).join("");

  /** A foreign text fit to be shown: what does not print is escaped, as the program does it in its sentences. */
  const shown = text => String(text).replace(unseen, escaped);

  /** The same no longer than `longest` characters. */
  const short = (text, longest = 60) => {
    const characters = [...String(text)];
    return shown(characters.length > longest ? characters.slice(0, longest).join("") + "…" : characters.join(""));
  };

  /** A foreign text as an element whose direction of writing stays its own. */
  const name = (text, attributes) => el("bdi", { ...attributes, text: shown(text) });

  const minus = text => text.replace("-", "−");
  /** A number with so many decimals, "–" for none. */
  const fixed = (x, digits = 2) => (Number.isFinite(x) ? minus((Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x).toFixed(digits)) : "–");
  /** The same with its sign in front. */
  const signed = (x, digits = 2) => (Number.isFinite(x) && x >= 0.5 * 10 ** -digits ? "+" : "") + fixed(x, digits);
  /** A probability, with two decimals; "<0.01" for what is less. */
  const share = p => (!Number.isFinite(p) ? "–" : p > 0 && p < 0.005 ? "<0.01" : p.toFixed(2));
  /** "12 tokens", "1 token". */
  const count = (n, noun) => `${String(n).replace(/\B(?=(\d{3})+$)/g, ",")} ${noun}${n === 1 ? "" : "s"}`;
  /** "a", "a and b", "a, b and c" */
  const list = words => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

  /** Whether the reader asked for less motion. */
  const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

  /** Selects all of an element's text, so that a key copies it. */
  const choose = element => {
    if (element.select) { element.focus(); element.select(); return; }
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  /**
   * Copies an element's text, or a given one. Where the clipboard is refused, as browsers do on files, the older command is tried, and where that is
   * refused too the text is left selected. Returns what came of it: "copied" or "selected".
   */
  const copy = async (element, text = element.value ?? element.textContent) => {
    try {
      await navigator.clipboard.writeText(text);
      return "copied";
    } catch {
      const before = document.activeElement;
      const own = (element.value ?? element.textContent) === text;
      const source = own ? element : document.body.appendChild(el("textarea", { class: "unseen", value: text, "aria-hidden": "true" }));
      choose(source);
      let done = false;
      try { done = document.execCommand("copy"); } catch { /* selected it stays */ }
      if (!own) { source.remove(); before?.focus?.(); }
      return done ? "copied" : "selected";
    }
  };

  /** A button that copies what `text()` gives, or an element's text; `what` says to screen readers what that is. */
  const copyButton = (what, element, text) => {
    const label = el("span", { text: "Copy" });
    return el("button", { type: "button", class: "quiet", onclick: async () => {
      put(label, await copy(element, text?.()) === "copied" ? "Copied" : "Selected: press Ctrl+C");
      say(label.textContent);
      setTimeout(() => put(label, "Copy"), 2500);
    } }, label, el("span", { class: "unseen", text: `: ${what}` }));
  };

  /**
   * Does work in pieces while the page is idle. `step()` does one small piece and returns whether there is more. Returns a function that stops it.
   */
  const idle = step => {
    let stopped = false;
    const later = globalThis.requestIdleCallback
      ? f => requestIdleCallback(f, { timeout: 400 })
      : f => setTimeout(() => f({ timeRemaining: () => 6, didTimeout: false }), 12);
    const go = deadline => {
      let more = true;
      do { if (stopped) return; more = step(); } while (more && deadline.timeRemaining() > 3);
      if (more && !stopped) later(go);
    };
    later(go);
    return () => { stopped = true; };
  };

  /**
   * Keys within a group of which one has the focus at a time: arrows, Home, End. `items()` are the elements, `chosen()` the number of the current one,
   * `go(i)` chooses another, `columns()` (if given) makes up and down go by rows.
   */
  const roving = (group, { items, chosen, go, columns }) => group.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input[type=text], textarea, select")) return;
    const all = [...items()];
    const at = chosen();
    const row = columns ? columns() : 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - row, ArrowDown: at + row, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || all.length === 0) return;
    event.preventDefault();
    if (to < 0 || to >= all.length) return;
    go(to);
    all[to].focus();
  });

  /**
   * Keys within a drawing whose marks are one tab stop: arrows go on and back, Home and End to the ends. `items()` are the marks, `at()` the number of the
   * current one, `go(i)` is told of the next; `act(i)` is what Enter and the space bar do, false where that is nothing.
   */
  const walk = (drawing, { items, at, go, act = () => false }) => drawing.addEventListener("keydown", event => {
    const all = items();
    if (event.altKey || event.ctrlKey || event.metaKey || all.length === 0) return;
    const here = at(), last = all.length - 1;
    const to = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(last, to));
      all[here]?.setAttribute("tabindex", "-1");
      all[next].setAttribute("tabindex", "0");
      go(next);
      all[next].focus();
    } else if ((event.key !== "Enter" && event.key !== " ") || here < 0 || act(here) === false) {
      return;
    }
    event.preventDefault();
  });

  return { el, svg, put, mark, pool, id, say, shown, short, name, fixed, signed, share, count, list, still, copy, copyButton, idle, roving, walk };
})();
