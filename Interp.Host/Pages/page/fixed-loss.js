/**
 * The loss over the texts that the page brings along, of the model as it is, under the interventions, and of the explanation: in idle slices, begun anew
 * when something changes. Predictions count as in the task's own loss.
 */
const FixedLoss = (() => {
  const keep = 60;

  // [sequences][length] token numbers
  const textsOf = model => Once.of(model, "texts", () => {
    const all = Array.from(Decode.tokens(model.texts.tokens));
    const { length } = model.task;
    return Array.from({ length: Math.floor(all.length / length) }, (_, s) => all.slice(s * length, (s + 1) * length));
  });

  const finished = new Map();
  const remember = (key, value) => {
    finished.set(key, value);
    if (finished.size > keep) finished.delete(finished.keys().next().value);
  };

  // Sums over a text's counted predictions.
  const tally = () => ({ loss: 0, kl: 0, agree: 0, count: 0 });
  const means = sums => (sums.count === 0 ? null : { loss: sums.loss / sums.count, kl: sums.kl / sums.count, agree: sums.agree / sums.count });

  /**
   * Follows the state: `tell({ untouched, edited, explained, done, share, problem })` is called when there is news, each a { loss, kl, agree } of means or
   * null: `edited` beside the untouched model, `explained` beside the model under the same interventions. `share` of the texts is done.
   */
  const follow = tell => {
    let stop = () => {};
    let known = null;

    const begin = () => {
      const state = State.get();
      const { model, M } = Results.current();
      const where = JSON.stringify([state.model, state.snapshot]);
      const key = JSON.stringify([state.model, state.snapshot, state.heads, state.cuts, state.explanation]);
      if (key === known) return;
      known = key;
      stop();
      if (!model.texts || !model.task) {
        tell({ untouched: null, edited: null, explained: null, done: true, share: 1, problem: "This page brings no texts of the model’s task to measure a loss on." });
        return;
      }
      const all = textsOf(model);
      const length = model.task.length - 1;
      const { edits, left } = Results.editsOf(model, state, length);
      if (left.length > 0) {
        // Of the model as it is the program has measured the same.
        const { loss } = M.raw;
        tell({ untouched: finished.get(where) ?? (Number.isFinite(loss) ? { loss } : null), edited: null, explained: null, done: true, share: 1, problem: `Over the fixed texts, of ${Dom.count(length, "token")} each: ${left.join(" ")}` });
        return;
      }
      if (finished.has(key)) {
        tell(finished.get(key));
        return;
      }
      const counted = Array.from({ length: model.task.length }, (_, position) => position).filter(position => position > 0 && model.task.counted[position]);
      const sums = { untouched: tally(), edited: tally(), explained: tally() };
      const explanation = state.explanation === null ? null : M.explanations[state.explanation];

      const add = (into, run, beside, text) => {
        for (const position of counted) {
          const a = Forward.logProbabilities(run, position - 1);
          into.loss -= a[text[position]];
          into.count++;
          if (!beside) continue;
          const b = Forward.logProbabilities(beside, position - 1);
          for (let k = 0; k < b.length; k++) into.kl += Math.exp(b[k]) * (b[k] - a[k]);
          if (Results.largest(a) === Results.largest(b)) into.agree++;
        }
      };

      let next = 0;
      let shown = 0;
      const news = done => {
        const result = {
          untouched: means(sums.untouched), edited: edits.length > 0 ? means(sums.edited) : null, explained: explanation ? means(sums.explained) : null,
          done, share: next / all.length, problem: null,
        };
        if (done) {
          remember(key, result);
          remember(where, result.untouched);
        }
        tell(result);
      };
      stop = Dom.idle(() => {
        const text = all[next++];
        const read = text.slice(0, length);
        try {
          const plain = Forward.run(M, read, []);
          add(sums.untouched, plain, null, text);
          const run = edits.length > 0 ? Forward.run(M, read, edits) : plain;
          if (edits.length > 0) add(sums.edited, run, plain, text);
          if (explanation) add(sums.explained, Explained.run(M, explanation, read, edits), run, text);
        } catch (error) {
          tell({ untouched: finished.get(where) ?? null, edited: null, explained: null, done: true, share: 1, problem: error.message });
          return false;
        }
        const done = next >= all.length;
        if (done || next - shown >= 40) {
          shown = next;
          news(done);
        }
        return !done;
      });
    };

    State.subscribe(begin);
    begin();
  };

  return { follow };
})();
