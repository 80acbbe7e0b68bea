/** Handing it on: the page's address as it stands, and the lines that make the same numbers elsewhere. */
const ViewShare = (() => {
  const mount = element => {
    const part = (title, label) => {
      const code = Dom.el("code");
      const shown = Dom.el("pre", { class: "share-lines", tabindex: "0", role: "group", "aria-label": label }, code);
      const box = Dom.el("div", { class: "share-part" }, Dom.el("div", { class: "under" }, Dom.el("h3", { text: title }), Dom.copyButton(label, code)), shown);
      return { box, set: text => { box.hidden = text === null; Dom.put(code, text ?? ""); } };
    };
    const link = part("Link to the page as it stands", "Link");
    const logits = part("The command that makes these numbers", "Command for this text");
    const evaluate = part("The command that makes the loss over the fixed texts", "Command for the fixed texts");
    const script = part("The same in F#", "F# lines");
    const where = Dom.el("p", { class: "note", text: "The link opens this page where it lies: send the file along with what stands behind #. Lines of F# run with dotnet fsi in the project’s directory." });
    const words = Dom.el("p", { class: "note", hidden: true, text: "The program reads texts of patterns (patch pattern … from) as letters without spaces or signs; this one has others, so the lines of F# are the ones to take." });
    element.append(link.box, logits.box, words, evaluate.box, script.box, where);

    const draw = () => {
      const result = Results.current();
      const state = State.get();
      const fragment = State.fragment();
      link.set(`${location.href.split("#")[0]}${fragment === "" ? "" : `#${fragment}`}`);
      logits.set(Commands.logits(result, state));
      evaluate.set(Commands.evaluate(result, state));
      script.set(Commands.script(result, state));
      words.hidden = Commands.areRead(result.model, result.edits);
    };
    const view = Seen.view(element, draw);
    State.subscribe(view.changed);
    view.changed();
  };

  return { mount };
})();
