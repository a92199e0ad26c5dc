// Makes the dashboard livelier: marks tell what they are when pointed at or reached with the arrow keys, and a choice shows its
// chart without loading the page anew. Without this script the same links and forms do the same.
const area = () => document.querySelector("[data-swap]");

const marksOf = (chart) => {
  const drawing = [...chart.children].find((one) => one.getClientRects().length);
  const marks = drawing ? [...drawing.querySelectorAll(".mark")] : [];
  return marks.sort((one, other) => one.dataset.place - other.dataset.place);
};

function tell(mark) {
  const place = document.querySelector("[data-told]");
  if (place) place.textContent = mark.getAttribute("aria-label");
}

// One mark of a chart can be reached by Tab; from there the arrow keys go on.
function prepare() {
  for (const chart of document.querySelectorAll("[data-chart]")) {
    const [first] = marksOf(chart);
    if (first) first.setAttribute("tabindex", "0");
  }
}

function step(chart, mark, by) {
  const marks = marksOf(chart);
  const next = marks[Math.min(Math.max(marks.indexOf(mark) + by, 0), marks.length - 1)];
  if (!next) return;
  mark.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  const mark = event.target.closest?.("[data-chart] .mark");
  if (!mark || !(event.key in STEPS)) return;
  event.preventDefault();
  step(mark.closest("[data-chart]"), mark, STEPS[event.key]);
});

for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const mark = event.target.closest?.("[data-chart] .mark");
    if (mark) tell(mark);
  });
}

let asked = 0;

async function show(address, keep) {
  const mine = (asked += 1);
  area().setAttribute("aria-busy", "true");
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (mine !== asked) return;
  if (!answer || !answer.ok) {
    location.assign(address);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("[data-swap]");
  if (mine !== asked) return;
  if (!next || page.querySelector(".govuk-error-summary")) {
    location.assign(address);
    return;
  }
  area().replaceChildren(...document.importNode(next, true).childNodes);
  area().removeAttribute("aria-busy");
  const view = page.querySelector("form[data-filters] [name=view]");
  if (view) for (const one of document.querySelectorAll("form[data-filters] [name=view]")) one.value = view.value;
  if (keep) history.pushState({}, "", address);
  prepare();
  const told = document.querySelector("[data-told]");
  if (told) told.textContent = area().dataset.changed;
}

const addressOf = (form) => {
  const given = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  return `${location.pathname}?${given}`;
};

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  if (form) show(addressOf(form), true);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  if (!form) return;
  event.preventDefault();
  show(addressOf(form), true);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href, true).then(() => document.querySelector("[data-view][aria-current]")?.focus());
});

addEventListener("popstate", () => show(location.href, false));
prepare();
