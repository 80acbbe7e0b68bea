/** The program's command lines and a script's lines that make the numbers that the page shows. */
const Commands = (() => {
  /** An argument as a shell reads it back, quoted as the program does. */
  const quoted = argument => {
    if (Dom.shown(argument) !== argument) return `$'${Dom.shown(argument.replace(/\\/g, "\\\\").replace(/'/g, "\\'"))}'`;
    return /^[\p{L}\p{Nd}/._\-+=:@%,]+$/u.test(argument) ? argument : `'${argument.replace(/'/g, "'\\''")}'`;
  };

  const isFile = path => path.endsWith(".safetensors");

  // The file or run that a snapshot's numbers are of: on the way, the file that the run kept.
  const pathOf = (model, snapshot) => {
    const { step } = model.snapshots[snapshot];
    return snapshot === model.snapshots.length - 1 || step === null || isFile(model.path) ? model.path
      : `${model.path.replace(/\/+$/, "")}/snapshots/step-${String(step).padStart(5, "0")}.safetensors`;
  };

  const address = edit => `${edit.layer}.${edit.head}`;

  /** An intervention in the program's words. */
  const intervention = (model, edit) => {
    const source = edit.kind !== "cut" ? null : typeof edit.source === "string" ? edit.source : `${edit.source.layer}.${edit.source.head}`;
    return {
      zero: () => `zero ${address(edit)}`,
      mean: () => `mean ${address(edit)} over ${model.mean_over.sequences} sequences of seed ${model.mean_over.seed}`,
      freeze: () => `freeze ${address(edit)}`,
      pattern: () => `patch pattern ${address(edit)} from ${Tokens.toLine(model, edit.tokens)}`,
      cut: () => `cut ${source} -> ${address(edit)}.${edit.input}`,
    }[edit.kind]();
  };

  const given = (model, state, edits) => [
    ...edits.flatMap(edit => ["--intervene", intervention(model, edit)]),
    ...(state.explanation === null ? [] : ["--with", model.explanations[state.explanation].text]),
  ];

  // What begins like an option is not taken for one behind "=".
  const option = (name, value) => (value.startsWith("-") ? [`${name}=${value}`] : [name, value]);

  // The program's letters: A to Z, a to z, 0 to 9, then 194 from U+0100 on.
  const letters = /^[A-Za-z0-9\u0100-\u01c1]+$/;
  /** Whether the program reads the interventions as the commands have them: its words for another text's pattern take letters alone. */
  const areRead = (model, edits) => edits.every(edit => edit.kind !== "pattern" || (!Tokens.isWords(model) && letters.test(Tokens.toLine(model, edit.tokens))));

  const line = words => words.map((word, i) => (i < 2 ? word : quoted(word))).join(" ");

  /** `interp logits`, which makes the page's numbers on this text; null where there is no text. */
  const logits = ({ model, tokens, edits }, state) => (tokens.length === 0 ? null
    : line(["interp", "logits", pathOf(model, state.snapshot), ...option("--text", Tokens.toLine(model, tokens)), ...given(model, state, edits)]));

  /** `interp evaluate`, which makes the loss over the fixed texts; null where the page brings none, or where what is chosen does not reach over them. */
  const evaluate = ({ model }, state) => {
    if (!model.texts || !model.task) return null;
    const { edits, left } = Results.editsOf(model, state, model.task.length - 1);
    return left.length > 0 ? null
      : line(["interp", "evaluate", pathOf(model, state.snapshot), "--sequences", String(model.texts.sequences), "--seed", String(model.texts.seed), ...given(model, state, edits)]);
  };

  // F#'s texts: a backslash or a quote is escaped, as is what does not print.
  const text = value => `"${Dom.shown(value.replace(/\\/g, "\\\\").replace(/"/g, "\\\""))}"`;

  const value = (model, edit) => (edit.kind === "pattern"
    ? `Patch(PatternAt { Layer = ${edit.layer}; Head = ${edit.head} }, None, Tokens.ofArray [| ${edit.tokens.join("; ")} |])`
    : `ok (Intervention.parse ${text(intervention(model, edit))})`);

  /** A script's lines, for `dotnet fsi` in the project's directory; null where there is no text. */
  const script = ({ model, tokens, edits }, state) => {
    if (tokens.length === 0) return null;
    const path = pathOf(model, state.snapshot);
    const file = isFile(path) ? path : `${path.replace(/\/+$/, "")}/model.safetensors`;
    const isOfText = model.task?.name.startsWith("text ") ?? false;
    const explanation = state.explanation === null ? null : model.explanations[state.explanation].text;
    const task = model.task && !isOfText ? `ok (Tasks.parse ${text(model.task.name)})` : "Tasks.study // of another task than the model's: nothing below draws from it, but for means and averaged patterns";
    return [
      "#r \"Interp.Functional/bin/Release/net10.0/Interp.Functional.dll\"",
      "open Interp",
      "",
      "let ok result = match result with Ok value -> value | Error sentence -> failwith sentence",
      `let file = ${text(file)}`,
      "let checkpoint = Checkpoint.ofBytes file (System.IO.File.ReadAllBytes file) |> Result.mapError CheckpointError.describe |> ok",
      `let task = ${task}`,
      `let tokens = Tokens.ofArray [| ${tokens.join("; ")} |] // ${Tokens.toLine(model, tokens)}`,
      edits.length === 0 ? "let interventions: Intervention list = []" : `let interventions = [\n${edits.map(edit => `    ${value(model, edit)}`).join("\n")}\n]`,
      ...(explanation === null ? ["let logits = Intervened.logits 1 task checkpoint.Weights interventions tokens"] : [
        `let explanation = ok (Explanation.parse ${text(explanation)})`,
        `let explained = InPlace.ofExplanation 1 task ${model.architecture.n_ctx} checkpoint.Weights { Sequences = 2000; Seed = 1UL } explanation`,
        "let logits = InPlace.logits explained interventions tokens",
      ]),
      "let probabilities = Tensor.softmax logits",
      `let name token = ${model.task && !isOfText ? "Vocabulary.name task.Tokens token" : "string token"}`,
      "for position in 0 .. tokens.Length - 1 do",
      `    let likeliest = List.init ${model.architecture.d_vocab} (fun token -> token, Tensor.item [ position; token ] probabilities) |> List.sortByDescending snd |> List.truncate 3`,
      "    printfn \"%d: %s\" position (likeliest |> List.map (fun (token, p) -> sprintf \"%s %.4f\" (name token) p) |> String.concat \", \")",
    ].join("\n");
  };

  return { logits, evaluate, areRead, script };
})();
