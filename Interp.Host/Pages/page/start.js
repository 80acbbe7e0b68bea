/** Starts what every page has, and mounts every view that the page has a place for: `<div data-view="text">` and its like. */
(() => {
  const views = {
    choose: () => ViewChoose, text: () => ViewText, attention: () => ViewAttention, interventions: () => ViewInterventions, training: () => ViewTraining,
    share: () => ViewShare, circuits: () => ViewCircuits, composition: () => ViewComposition, attribution: () => ViewAttribution,
  };

  const alarm = (element, sentence) => element.append(Dom.el("p", { class: "trouble", role: "alert", text: sentence }));

  const mount = element => {
    try {
      const view = views[element.dataset.view];
      if (!view) return;
      element.classList.add("view");
      view().mount(element);
    } catch (error) {
      alarm(element, `This part of the page could not be drawn: ${error.message}`);
      console.error(error);
    }
  };

  Contents.start();
  Figures.start();
  Keeping.start();
  const places = [...document.querySelectorAll("[data-view]")];
  if (places.length === 0) return;
  try {
    State.get();
  } catch (error) {
    alarm(places[0], `The page's data could not be read: ${error.message}`);
    console.error(error);
    return;
  }

  // What of the link could not be read stands above the first view, until something is changed.
  const notice = Dom.el("p", { class: "trouble", role: "alert", hidden: true });
  places[0].before(notice);
  const tell = () => {
    const problem = State.problem();
    notice.hidden = problem === "";
    Dom.put(notice, problem);
  };
  State.subscribe(tell);
  tell();
  places.forEach(mount);
})();
