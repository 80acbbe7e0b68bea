/** Eigenvalues in the complex plane, and a score beside those of random weights. */
const Plane = (() => {
  const size = 330, margin = 34, inner = size - 2 * margin;

  /** Round numbers from `low` to `high`, about `count` of them. */
  const ticks = (low, high, count) => {
    const rough = (high - low) / count || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find(times => times * power >= rough * 0.999);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
    return found;
  };

  const digitsOf = values => {
    const step = values.length > 1 ? Math.abs(values[1] - values[0]) : 1;
    return Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  };

  const finite = eigenvalues => (eigenvalues ?? []).filter(([re, im]) => Number.isFinite(re) && Number.isFinite(im));

  /** An eigenvalue in words: "3.21 + 0.40i, of magnitude 3.23" */
  const inWords = ([re, im]) => {
    const magnitude = Math.hypot(re, im), small = Math.abs(im) < 0.0005 * Math.max(1e-300, magnitude);
    return small ? Dom.fixed(re, 3) : `${Dom.fixed(re, 3)} ${im < 0 ? "−" : "+"} ${Dom.fixed(Math.abs(im), 3)}i, of magnitude ${Dom.fixed(magnitude, 3)}`;
  };

  /**
   * Makes the picture of a spectrum: blue circles have a positive real part, orange diamonds a negative one; dotted, the unit circle.
   * @returns {{ element: Element, update: (partial: { label: string, title?: string, name: string, eigenvalues: [number, number][] }) => void }}
   */
  const create = options => {
    const own = { label: "eigenvalues", name: "eigenvalues", eigenvalues: [], ...options };
    const marks = Dom.svg("g", { class: "marks" }), axes = Dom.svg("g", { class: "axes" });
    const circle = Dom.svg("circle", { class: "unit" });
    const svg = Dom.svg("svg", { class: "plane", role: "group", viewBox: `0 0 ${size} ${size}` }, axes, circle, marks);
    const words = Dom.el("p", { class: "plane-words", "aria-hidden": "true" });
    const csv = () => own.eigenvalues.length === 0 ? null : Saving.csv([["real part", "imaginary part"], ...own.eigenvalues]);
    const element = Dom.el("div", { class: "plane-box" }, svg, words,
      Saving.buttons({ name: () => own.name, svg: () => (own.eigenvalues.length ? Saving.ofDrawing(svg, own.title ?? own.label) : null), csv }));
    let at = 0;

    const point = node => {
      const i = node?.getAttribute?.("data-index");
      Dom.put(words, i === null || i === undefined ? "" : inWords(finite(own.eigenvalues)[Number(i)]));
    };

    const draw = () => {
      const values = finite(own.eigenvalues);
      const reach = 1.08 * Math.max(1, ...values.flatMap(([re, im]) => [Math.abs(re), Math.abs(im)]));
      const x = re => margin + (re + reach) / (2 * reach) * inner, y = im => margin + (reach - im) / (2 * reach) * inner;
      const steps = ticks(-reach, reach, 5), digits = digitsOf(steps);
      axes.replaceChildren(
        Dom.svg("rect", { class: "frame", x: margin, y: margin, width: inner, height: inner }),
        Dom.svg("path", { class: "zero", d: `M${x(0)} ${margin}v${inner}M${margin} ${y(0)}h${inner}` }),
        ...steps.map(step => Dom.svg("text", { x: x(step), y: size - margin + 14, "text-anchor": "middle" }, Dom.fixed(step, digits))),
        ...steps.map(step => Dom.svg("text", { x: margin - 5, y: y(step), "text-anchor": "end" }, Dom.fixed(step, digits))),
        Dom.svg("text", { x: size - margin, y: size - 4, "text-anchor": "end" }, "real part"),
        Dom.svg("text", { x: margin, y: margin - 9 }, "imaginary part"));
      for (const [name, value] of Object.entries({ cx: x(0), cy: y(0), r: inner / (2 * reach) })) circle.setAttribute(name, value);
      at = Math.max(0, Math.min(at, values.length - 1));
      marks.replaceChildren(...values.map(([re, im], i) => {
        const shape = re < 0
          ? Dom.svg("path", { d: `M${x(re)} ${y(im) - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z` })
          : Dom.svg("circle", { cx: x(re), cy: y(im), r: 5 });
        for (const [name, value] of Object.entries({
          class: re > 0 ? "raise" : re < 0 ? "lower" : "neither", role: "img", tabindex: i === at ? 0 : -1, "data-index": i, "aria-label": `${inWords([re, im])}, ${i + 1} of ${values.length}`,
        })) shape.setAttribute(name, value);
        return shape;
      }));
      Dom.mark(svg, "aria-label", own.label);
    };

    svg.addEventListener("pointermove", event => point(event.target));
    svg.addEventListener("pointerleave", () => point(null));
    marks.addEventListener("focusin", event => { at = Number(event.target.getAttribute("data-index")); point(event.target); });
    marks.addEventListener("focusout", () => point(null));
    Dom.walk(marks, { items: () => marks.children, at: () => at, go: i => { at = i; } });

    const view = Seen.view(element, draw);
    const update = partial => {
      Object.assign(own, partial);
      Dom.put(words, "");
      view.changed();
    };
    return { element, update };
  };

  /**
   * Where a score stands beside random weights, in words.
   * @param {number|null} score
   * @param {string} name of the score, as the sentence begins with it
   * @param {{ mean: number, std: number, p025: number, p975: number, samples?: number } | null} random
   */
  const standing = (score, random, name = "Score", digits = 3) => {
    if (!Number.isFinite(score)) return "No score: the eigenvalues have no magnitude to be a share of.";
    const said = `${name} ${Dom.fixed(score, digits)}`;
    if (!random) return `${said}; no random weights were measured beside it.`;
    const where = score > random.p975 ? "above the 97.5th percentile of random weights, so that chance does not explain it"
      : score < random.p025 ? "below the 2.5th percentile of random weights, so that chance does not explain it" : "within what random weights show, so that chance may explain it";
    return `${said}: ${where} (they have ${Dom.fixed(random.mean, digits)} ± ${Dom.fixed(random.std, digits)} and, 95 % of them, ${Dom.fixed(random.p025, digits)} to ${Dom.fixed(random.p975, digits)}).`;
  };

  /**
   * A score on a line from -1 to 1, the band of 95 % of random weights behind it.
   * @returns {{ element: Element, update: (score: number|null, random: object|null) => void }}
   */
  const strip = () => {
    const width = 330, x = value => 12 + (Math.max(-1, Math.min(1, value)) + 1) / 2 * (width - 24);
    const band = Dom.svg("rect", { class: "band", y: 6, height: 14 }), mean = Dom.svg("path", { class: "mean" });
    const mark = Dom.svg("path", { class: "score" });
    const labels = [-1, 0, 1].map(tick => Dom.svg("text", { x: x(tick), y: 36, "text-anchor": tick < 0 ? "start" : tick > 0 ? "end" : "middle" }, Dom.fixed(tick, 0)));
    const element = Dom.svg("svg", { class: "strip-of-score", viewBox: `0 0 ${width} 40`, "aria-hidden": "true" },
      Dom.svg("rect", { class: "track", x: 12, y: 6, width: width - 24, height: 14 }), band, mean, mark, labels);
    const update = (score, random) => {
      band.setAttribute("visibility", random ? "visible" : "hidden");
      mean.setAttribute("visibility", random ? "visible" : "hidden");
      mark.setAttribute("visibility", Number.isFinite(score) ? "visible" : "hidden");
      if (random) {
        band.setAttribute("x", x(random.p025));
        band.setAttribute("width", Math.max(1, x(random.p975) - x(random.p025)));
        mean.setAttribute("d", `M${x(random.mean)} 6v14`);
      }
      if (Number.isFinite(score)) {
        mark.setAttribute("class", `score ${score >= 0 ? "raise" : "lower"}`);
        mark.setAttribute("d", score >= 0 ? `M${x(score) - 6} 13a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z` : `M${x(score)} 5.5l7.5 7.5l-7.5 7.5l-7.5 -7.5z`);
      }
    };
    return { element, update };
  };

  return { create, standing, strip };
})();
