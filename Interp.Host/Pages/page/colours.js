/** The colours of maps, from the page's custom properties; read again when the scheme changes. */
const Colours = (() => {
  const levels = 256;
  const followers = new Set();
  let known = null;

  // A canvas reads every notation of a colour.
  const reader = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const bytes = colour => {
    reader.clearRect(0, 0, 1, 1);
    reader.fillStyle = "#000";
    reader.fillStyle = colour;
    reader.fillRect(0, 0, 1, 1);
    return reader.getImageData(0, 0, 1, 1).data;
  };

  // Stops spaced evenly, mixed in between: [levels * 3] bytes.
  const ramp = list => {
    const stops = list.split(",").map(stop => bytes(stop.trim()));
    return Uint8Array.from({ length: 3 * levels }, (_, k) => {
      const place = Math.floor(k / 3) / (levels - 1) * (stops.length - 1);
      const below = Math.max(0, Math.min(Math.floor(place), stops.length - 2));
      const above = Math.min(below + 1, stops.length - 1);
      return Math.round(stops[below][k % 3] + (stops[above][k % 3] - stops[below][k % 3]) * (place - below));
    });
  };

  const read = () => {
    const style = getComputedStyle(document.documentElement);
    const property = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    const forced = window.matchMedia("(forced-colors: active)").matches;
    return {
      paper: forced ? "Canvas" : property("--paper", "#fff"),
      ink: forced ? "CanvasText" : property("--ink", "#1b2430"),
      muted: forced ? "CanvasText" : property("--muted", "#566172"),
      rule: forced ? "CanvasText" : property("--rule", "#dfe4ea"),
      empty: property("--map-empty", "#b9c2cd"),
      raise: property("--map-raise", "#1f6fb4"),
      lower: property("--map-lower", "#c8551b"),
      sans: property("--sans", "sans-serif"),
      mono: property("--mono", "monospace"),
      sequential: ramp(property("--map-sequential", `${property("--map-low", "#fff")}, ${property("--map-high", "#0a2a52")}`)),
      diverging: ramp(property("--map-diverging", `${property("--map-lower", "#c8551b")}, ${property("--map-low", "#fff")}, ${property("--map-raise", "#1f6fb4")}`)),
    };
  };

  /** The colours now: names to CSS colours, `sequential` and `diverging` to [256 * 3] bytes. */
  const now = () => known ??= read();

  const again = () => {
    known = null;
    followers.forEach(follower => follower());
  };

  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"]) {
    window.matchMedia(query).addEventListener("change", again);
  }

  /** Calls `follower` whenever the colours have changed. */
  const follow = follower => void followers.add(follower);

  /**
   * Which of the 256 colours a value has.
   * @param {number} value
   * @param {[number, number]} range the values of the first and the last colour
   */
  const level = (value, [low, high]) =>
    high > low ? Math.max(0, Math.min(levels - 1, Math.round((value - low) / (high - low) * (levels - 1)))) : 0;

  /** The CSS colour at a level of a scale, "sequential" or "diverging". */
  const at = (scale, place) => {
    const scaled = now()[scale];
    return `rgb(${scaled[3 * place]} ${scaled[3 * place + 1]} ${scaled[3 * place + 2]})`;
  };

  return { now, follow, level, at, levels };
})();
