/** The table of contents marks the section that is being read. */
const Contents = (() => {
  /** A section is being read when it lies across this height of the window, as a share of it. */
  const line = 0.3;

  const mark = (links, id) => {
    for (const link of links) {
      if (link.hash === `#${id}`) {
        link.setAttribute("aria-current", "location");
        keepInSight(link);
      } else {
        link.removeAttribute("aria-current");
      }
    }
  };

  /** Where the contents are one line that scrolls, the marked link is moved into it; the page itself stays where it is. */
  const keepInSight = (link) => {
    const list = link.closest("ol");
    if (list.scrollWidth > list.clientWidth) {
      list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
    }
  };

  /** Watches the sections that the contents lead to. */
  const start = () => {
    const links = [...document.querySelectorAll(".contents a")];
    const watcher = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (entry.isIntersecting) {
            mark(links, entry.target.id);
          }
        }
      },
      { rootMargin: `-${100 * line}% 0px -${100 * (1 - line) - 1}% 0px` },
    );
    for (const link of links) {
      const section = document.getElementById(link.hash.slice(1));
      if (section) {
        watcher.observe(section);
      }
    }
  };

  return { start };
})();
