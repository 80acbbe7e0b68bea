"use strict";

// The menu is folded where it would stand before the text.
const menu = document.querySelector(".menu");
const wide = window.matchMedia("(min-width: 58rem)");
const fold = () => { menu.open = wide.matches; };
wide.addEventListener("change", fold);
fold();
menu.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
window.scrollTo(0, window.scrollY);

// What a name is, while one points at it.
let shown = null;

const hide = () => {
  shown?.hidePopover();
  shown = null;
};

document.addEventListener("mouseover", event => {
  const name = event.target.closest("[data-fsdocs-tip]");
  const tip = name && document.getElementById(name.dataset.fsdocsTip);
  if (tip === shown) return;
  hide();
  if (!tip) return;
  tip.showPopover();
  shown = tip;
  const place = name.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const below = place.bottom + 6 + size.height < window.innerHeight;
  tip.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - size.width - 8))}px`;
  tip.style.top = `${Math.max(8, below ? place.bottom + 6 : place.top - size.height - 6)}px`;
});

document.addEventListener("keydown", event => {
  if (event.key === "Escape") hide();
});

// Code to take along.
if (navigator.clipboard) {
  for (const code of document.querySelectorAll("pre:not(.output) > code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent.trimEnd());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    code.parentElement.append(button);
  }
}

// Search: the words of all pages are a script, which a page opened from a folder may load where it may not fetch a file.
const words = document.getElementById("search-words");
const found = document.getElementById("search-found");
const root = document.documentElement.dataset.root;
let pages = null;
let chosen = -1;

const load = () => {
  if (pages) return;
  pages = [];
  const script = document.createElement("script");
  script.src = `${root}content/search-index.js`;
  script.addEventListener("load", () => {
    pages = window.interpPages;
    show();
  });
  document.head.append(script);
};

/** How well a page fits: every word has to be somewhere, best in its title, then in a heading. */
const fit = (page, terms) => {
  let sum = 0;
  for (const term of terms) {
    const title = page.title.toLowerCase();
    const inHeading = page.headings.toLowerCase().includes(term);
    if (title === term) sum += 60;
    else if (title.startsWith(term)) sum += 30;
    else if (title.includes(term)) sum += 20;
    else if (inHeading) sum += 8;
    else if (page.text.toLowerCase().includes(term)) sum += 1;
    else return 0;
  }
  return page.at.startsWith("reference/") ? sum : sum + 4;
};

const excerpt = (page, term) => {
  const at = page.text.toLowerCase().indexOf(term);
  const from = Math.max(0, at - 40);
  return `${from > 0 ? "…" : ""}${page.text.slice(from, from + 110)}…`;
};

const choose = index => {
  const items = [...found.children];
  chosen = items.length === 0 ? -1 : (index + items.length) % items.length;
  items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
  if (chosen >= 0) {
    words.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  } else {
    words.removeAttribute("aria-activedescendant");
  }
};

const close = () => {
  found.hidden = true;
  words.setAttribute("aria-expanded", "false");
  choose(-1);
};

const show = () => {
  const terms = words.value.toLowerCase().split(/\s+/u).filter(term => term !== "");
  if (terms.length === 0) {
    found.replaceChildren();
    close();
    return;
  }
  const best = pages
    .map(page => ({ page, fit: fit(page, terms) }))
    .filter(result => result.fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, 12);
  found.replaceChildren(...best.map(({ page }, index) => {
    const item = document.createElement("li");
    item.id = `search-${index}`;
    item.setAttribute("role", "option");
    item.dataset.at = page.at;
    const small = document.createElement("small");
    small.textContent = excerpt(page, terms[0]);
    item.append(page.title, small);
    item.addEventListener("mousedown", () => { location.href = root + page.at; });
    return item;
  }));
  if (best.length === 0) {
    const item = document.createElement("li");
    item.textContent = pages.length === 0 ? "Looking …" : "No page has these words.";
    item.setAttribute("role", "option");
    item.id = "search-0";
    found.append(item);
  }
  found.hidden = false;
  words.setAttribute("aria-expanded", "true");
  choose(0);
};

words.addEventListener("focus", load);
words.addEventListener("input", show);
words.addEventListener("blur", close);
words.addEventListener("keydown", event => {
  if (event.key === "ArrowDown") { choose(chosen + 1); event.preventDefault(); }
  else if (event.key === "ArrowUp") { choose(chosen - 1); event.preventDefault(); }
  else if (event.key === "Escape") { words.value = ""; close(); }
});
words.form.addEventListener("submit", event => {
  event.preventDefault();
  const at = found.children[chosen]?.dataset.at;
  if (at) location.href = root + at;
});
document.addEventListener("keydown", event => {
  if (event.key === "/" && !/^(?:INPUT|TEXTAREA|SELECT)$/u.test(document.activeElement.tagName)) {
    words.focus();
    event.preventDefault();
  }
});
