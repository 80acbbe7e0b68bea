/** All that was chosen on the page, in one value; it goes to the URL's fragment, so that a link opens the page as it stands; who wants to know of changes is told. */
const State = (() => {
  const pause = 150;
  const models = () => Decode.data().models;
  const { initial, valid, moved } = Choices;
  const { read, write, isState } = Fragment;

  let current = null;
  let before = null;
  let waiting = false;
  let writing = 0;
  let trouble = "";
  const followers = new Set();

  const load = () => {
    const fragment = location.hash.slice(1);
    if (!isState(fragment)) return initial(0);
    const { state, lost } = read(fragment);
    trouble = lost.length === 0 ? "" : `Of the link, not all could be read: ${lost.slice(0, 3).join("; ")}${lost.length > 3 ? `; and ${lost.length - 3} more` : ""}. The rest is shown.`;
    return state;
  };

  /** What was chosen, frozen: { model, snapshot, text, position, layer, head, heads, cuts, explanation, circuit, row, target, terms, term, reads, through }. */
  const get = () => current ??= valid(load());

  // A follower may change something in turn; all are told of that in the same frame, one change after the other.
  const mostRounds = 4;
  const tell = () => {
    for (let round = 0; before !== null && round < mostRounds; round++) {
      const [told, previous] = [current, before];
      before = null;
      for (const follower of followers) {
        // One that fails keeps none of the others from the change.
        try { follower(told, previous); } catch (error) { reportError(error); }
      }
    }
    waiting = false;
    if (before !== null) wait();
  };

  const wait = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(tell);
  };

  const changed = next => {
    before ??= get();
    current = next;
    wait();
  };

  /** Changes some of it; what does not fit the model is left out. Followers are told in the next animation frame, the URL a little later. */
  const set = partial => {
    const was = get();
    const base = partial.model !== undefined && partial.model !== was.model && models()[partial.model] ? moved(was, partial.model) : was;
    trouble = "";
    changed(valid({ ...base, ...partial }));
    if (!writing) {
      writing = setTimeout(() => {
        writing = 0;
        keepInUrl();
      }, pause);
    }
  };

  /** Calls `follower(state, previous)` in the animation frame after a change. */
  const subscribe = follower => { followers.add(follower); };

  const keepInUrl = () => {
    const fragment = write(get());
    // Some browsers refuse a page more than so many calls; the next change writes it.
    try { history.replaceState(null, "", fragment === "" ? location.pathname + location.search : `#${fragment}`); } catch { /* as it was */ }
  };

  globalThis.addEventListener?.("hashchange", () => {
    const fragment = location.hash.slice(1);
    if (isState(fragment) && fragment !== write(get())) changed(valid(load()));
    // The page has gone to a place; its URL stays a link to what was chosen.
    else if (!isState(fragment) && write(get()) !== "") keepInUrl();
  });

  /** The fragment of the page as it stands, without "#". */
  const fragment = () => write(get());

  /** A sentence on what of the URL's fragment could not be read; empty where all was. */
  const problem = () => trouble;

  /** The model as it opens, and its first text. */
  const reset = () => set(initial(get().model));

  return { get, set, subscribe, fragment, problem, reset, headsOf: Choices.heads };
})();
