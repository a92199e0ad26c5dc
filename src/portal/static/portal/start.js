import { initAll } from "/static/vendor/govuk/govuk.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
