// What the pages do beyond plain HTML: forms that submit themselves, charts drawn from their tables, live figures.

import { drawCharts } from "./charts.js";
import { follow } from "./live.js";

document.documentElement.classList.add("js");

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-submit-on-change]");
  if (form) form.requestSubmit();
});

// A dropdown closes on Escape and when something else is clicked.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.dropdown[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.dropdown[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
  const menu = document.getElementById("menu-open");
  if (menu) menu.checked = false;
});

drawCharts(document);
const main = document.querySelector("main[data-live]");
if (main) follow(main.dataset.live);
