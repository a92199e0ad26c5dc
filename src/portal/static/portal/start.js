import { initAll } from "/static/vendor/govuk/govuk.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// A page that waits for the worker asks again, and changes only what changed; it is loaded anew when the waiting is over.
async function again(place) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer && answer.ok) {
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-again]");
    if (!next) {
      location.reload();
      return;
    }
    const now = document.importNode(next, true);
    if (now.innerHTML !== place.innerHTML) place.replaceChildren(...now.childNodes);
  }
  setTimeout(again, 1000 * place.dataset.again, place);
}

const waiting = document.querySelector("[data-again]");
if (waiting) setTimeout(again, 1000 * waiting.dataset.again, waiting);
