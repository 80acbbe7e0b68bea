/** Drawing only what is on the screen: what is not is drawn when it comes into view, when the page is idle, or before it is printed. */
const Seen = (() => {
  const views = new Map();

  const draw = view => {
    if (view.stale) {
      view.stale = false;
      view.draw();
    }
  };

  const nearby = new IntersectionObserver(entries => {
    for (const entry of entries) {
      const view = views.get(entry.target);
      if (view) {
        view.visible = entry.isIntersecting;
        if (view.visible) draw(view);
      }
    }
  }, { rootMargin: "100px" });

  const whenIdle = window.requestIdleCallback ?? (f => setTimeout(() => f({ timeRemaining: () => 5 }), 200));
  let waiting = false;

  // One view a slice, so that a key pressed meanwhile waits for one of them at most.
  const drawSome = deadline => {
    waiting = false;
    for (const view of views.values()) {
      if (!view.stale || !view.element.isConnected) continue;
      if (deadline.timeRemaining() < 3) return later();
      draw(view);
    }
  };

  // Not right behind a change: the next key is likely on its way.
  const later = () => {
    if (!waiting) {
      waiting = true;
      setTimeout(() => whenIdle(drawSome), 300);
    }
  };

  const pending = new Map();

  /** Does something in the next frame, at once where the page is printed; of several things for one place the last alone. */
  const soon = (place, act) => {
    cancelAnimationFrame(pending.get(place)?.frame);
    const run = () => {
      pending.delete(place);
      act();
    };
    pending.set(place, { run, frame: requestAnimationFrame(run) });
  };

  const hurry = ({ run, frame }) => {
    cancelAnimationFrame(frame);
    run();
  };

  // What is drawn may change what it holds, which may be watched from before it.
  const mostRounds = 4;
  const all = () => {
    for (let round = 0; round < mostRounds && (pending.size > 0 || [...views.values()].some(view => view.stale)); round++) {
      views.forEach(draw);
      [...pending.values()].forEach(hurry);
    }
  };
  const paper = window.matchMedia("print");
  window.addEventListener("beforeprint", all);
  paper.addEventListener("change", all);

  /** Whether the page is laid out for paper: pages are counted already, so that nothing may change its height. */
  const printing = () => paper.matches;

  /**
   * Watches an element.
   * @param {Element} element what is drawn into
   * @param {() => void} draw draws all of it
   * @returns {{ changed: () => void }} `changed` draws, now where the element is on the screen and later elsewhere
   */
  const view = (element, drawing) => {
    const kept = { element, draw: drawing, stale: false, visible: false };
    views.set(element, kept);
    nearby.observe(element);
    return {
      changed: () => {
        kept.stale = true;
        if (kept.visible) draw(kept);
        else later();
      },
    };
  };

  return { view, soon, printing };
})();
