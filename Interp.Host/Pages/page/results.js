/** What the page's state comes to: the run of the model and that of the explanation, computed once a change and shared by all views. */
const Results = (() => {
  const keep = most => {
    const kept = new Map();
    return (key, make) => {
      if (kept.has(key)) return kept.get(key);
      const made = make();
      kept.set(key, made);
      if (kept.size > most) kept.delete(kept.keys().next().value);
      return made;
    };
  };

  // An error is a result, too: it is not computed again.
  const attempt = f => { try { return { value: f(), error: null }; } catch (error) { return { value: null, error: error.message }; } };

  /**
   * The state's interventions in the order of the heads, as `Forward.run` takes them, for texts of so many tokens. Patterns of texts that are too short,
   * or of none of the model's tokens, are left out, with a sentence each.
   * @returns {{ edits: object[], left: string[] }}
   */
  const editsOf = (model, state, length) => {
    const edits = [];
    const left = [];
    for (const address of Choices.heads(model.architecture)) {
      const how = state.heads[address];
      if (how === undefined) continue;
      const [layer, head] = address.split(".").map(Number);
      if (how.pattern === undefined) {
        if (how === "mean" && length > model.task.length) left.push(`Head ${address} is as it is: its mean is known for the ${model.task.length} positions of the task, and this text has ${length}.`);
        else edits.push({ kind: how, layer, head });
        continue;
      }
      const { tokens, unknown, dropped } = Tokens.parse(model, how.pattern);
      if (unknown.length > 0 || dropped > 0 || tokens.length < length) {
        left.push(`Head ${address} keeps its own pattern: the other text ${unknown.length > 0 ? `has ${unknown.slice(0, 3).map(text => `“${Dom.short(text, 12)}”`).join(", ")}, which the model does not know`
          : dropped > 0 ? `is longer than the ${model.architecture.n_ctx} tokens that the model reads`
          : `has ${Dom.count(tokens.length, "token")}, expected at least the ${length} of this one`}.`);
      } else {
        edits.push({ kind: "pattern", layer, head, tokens });
      }
    }
    for (const cut of state.cuts) edits.push({ kind: "cut", ...Choices.cutOf(cut) });
    return { edits, left };
  };

  const parsed = keep(4);
  const runs = keep(24);
  const keyOf = (state, tokens, ...more) => JSON.stringify([state.model, state.snapshot, tokens, ...more]);

  const modelRun = (state, M, tokens, edits) => runs(keyOf(state, tokens, edits), () => attempt(() => Forward.run(M, tokens, edits)));
  const explainedRun = (state, M, tokens, edits, number) =>
    runs(keyOf(state, tokens, edits, number), () => attempt(() => Explained.run(M, M.explanations[number], tokens, edits)));

  let last = { state: null, result: null };

  /**
   * Of the state as it is: { model, M, text (as `Tokens.parse` gives it), tokens, edits, left, run, untouched, explained, error, explanationError }.
   * `run` is the model under the interventions, `untouched` without any (the same run where there are none), `explained` the explanation under the
   * interventions; null where there is no text, no explanation, or where `error` says why not.
   */
  const current = () => {
    const state = State.get();
    if (last.state === state) return last.result;
    const model = Decode.data().models[state.model];
    const M = Decode.snapshot(model, state.snapshot);
    const text = parsed(JSON.stringify([state.model, state.text]), () => Tokens.parse(model, state.text));
    const { tokens } = text;
    const { edits, left } = editsOf(model, state, tokens.length);
    const none = { value: null, error: tokens.length === 0 ? `There is no token to read yet: this model knows ${Tokens.describe(model)}.` : null };
    const run = tokens.length === 0 ? none : modelRun(state, M, tokens, edits);
    const untouched = tokens.length === 0 ? none : edits.length === 0 ? run : modelRun(state, M, tokens, []);
    const explained = tokens.length === 0 || state.explanation === null ? none : explainedRun(state, M, tokens, edits, state.explanation);
    const result = {
      model, M, text, tokens, edits, left,
      run: run.value, untouched: untouched.value, explained: explained.value,
      error: run.error, explanationError: tokens.length > 0 ? explained.error : null,
    };
    last = { state, result };
    return result;
  };

  const rows = new WeakMap();
  /** The probabilities [vocab] of the next token behind a position of a run, computed once. */
  const probabilities = (run, position) => {
    if (!rows.has(run)) rows.set(run, []);
    const vocab = run.logits.length / run.length;
    return rows.get(run)[position] ??= Forward.probabilities(run.logits.subarray(position * vocab, (position + 1) * vocab));
  };

  /** The first of the largest of some numbers. */
  const largest = values => {
    let best = 0;
    for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
    return best;
  };

  /** The numbers of the largest `count` of some values, the largest first, of equals the first. */
  const likeliest = (values, count) => {
    const taken = [];
    for (let k = 0; k < Math.min(count, values.length); k++) {
      let best = -1;
      for (let i = 0; i < values.length; i++) if (!taken.includes(i) && (best < 0 || values[i] > values[best])) best = i;
      taken.push(best);
    }
    return taken;
  };

  /** KL from one distribution to another, in nats. */
  const divergence = (p, q) => {
    let sum = 0;
    for (let i = 0; i < p.length; i++) if (p[i] > 0) sum += p[i] * Math.log(p[i] / Math.max(q[i], 1e-300));
    return Math.max(0, sum);
  };

  /**
   * Where two runs of a text part, position by position: KL from the first to the second in nats, and whether the likeliest token is the same.
   * @returns {{ kl: number, agree: boolean }[]} [pos]
   */
  const parting = (run, other) => Array.from({ length: run.length }, (_, position) => {
    const [p, q] = [probabilities(run, position), probabilities(other, position)];
    return { kl: divergence(p, q), agree: largest(p) === largest(q) };
  });

  /** The position that is looked at: the chosen one where the text has it, else the last. */
  const position = () => {
    const { tokens } = current();
    const chosen = State.get().position;
    return tokens.length === 0 ? null : Math.min(chosen ?? tokens.length - 1, tokens.length - 1);
  };

  /** Whether a position of the text is locked; else its end is followed. */
  const isLocked = () => State.get().position !== null && State.get().position < current().tokens.length;

  /**
   * The tokens that follow, each the likeliest, up to the model's length, under the interventions that reach so far, and as far as what an explanation
   * keeps reaches; one token an idle slice, as a text of 24 tokens asks for 23 runs.
   * @param {number|null} explanation the explanation's number, null for the model
   * @param {(tokens: number[], done: boolean) => void} tell is told after each token
   * @returns {() => void} stops it
   */
  const goOn = (explanation, tell) => {
    const { model, M, tokens, edits, error } = current();
    const all = [...tokens];
    const longest = model.architecture.n_ctx;
    const ended = () => error !== null || all.length === 0 || all.length >= longest;
    if (ended()) {
      tell([], true);
      return () => {};
    }
    return Dom.idle(() => {
      const reach = edit => (edit.kind === "pattern" ? edit.tokens.length : edit.kind === "mean" ? model.task.length : longest);
      const own = edits.filter(edit => reach(edit) >= all.length);
      const { value: run } = attempt(() => (explanation === null ? Forward.run(M, all, own) : Explained.run(M, M.explanations[explanation], all, own)));
      if (run === null) {
        tell(all.slice(tokens.length), true);
        return false;
      }
      const vocab = run.logits.length / run.length;
      all.push(largest(run.logits.subarray((run.length - 1) * vocab)));
      tell(all.slice(tokens.length), ended());
      return !ended();
    });
  };

  return { current, editsOf, probabilities, likeliest, largest, divergence, parting, position, isLocked, goOn };
})();
