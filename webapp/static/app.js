// What the pages do beyond plain HTML: forms that submit themselves, charts drawn from their tables, live figures.

import { drawCharts } from "./charts.js";
import { follow, refetch } from "./live.js";
import "./more.js";

document.documentElement.classList.add("js");

// A form that submits itself does so for who points. By keyboard an arrow only passes over an option: Enter takes it, or
// the button that is shown then.
let typed = null;
document.addEventListener("keydown", (event) => {
  const form = event.target.closest("select") && event.target.closest("[data-submit-on-change]");
  typed = form && event.key !== "Tab" ? form : null;
  if (!form || event.key !== "Enter") return;
  event.preventDefault();
  submit(form);
});
document.addEventListener("pointerdown", () => (typed = null));
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-submit-on-change]");
  if (!form) return;
  if (typed === form) form.classList.add("by-keyboard");
  else submit(form);
});

function submit(form) {
  if (form.requestSubmit) form.requestSubmit();
  else form.submit(); // Safari before 16
}

// An empty day is known as such until it is filled in.
function tellUnset(field) {
  if (field.matches('input[type="date"]')) field.classList.toggle("unset", !field.value);
}
document.querySelectorAll('input[type="date"]').forEach(tellUnset);
document.addEventListener("input", (event) => tellUnset(event.target));

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

// Where pills are one row that is moved with a finger, the chosen one is in sight.
for (const pill of document.querySelectorAll(".quick a[aria-current]")) {
  const row = pill.parentElement;
  row.scrollLeft = pill.offsetLeft - row.offsetLeft - (row.clientWidth - pill.offsetWidth) / 2;
}

drawCharts(document);
const main = document.querySelector("main[data-live]");
if (main) follow(main.dataset.live);
const shell = document.querySelector("main [data-shell]");
if (shell) {
  refetch(shell.dataset.shell, true).then((shown) => (shown ? follow("/live") : location.replace(shell.dataset.shell)));
}

// Pages of who is signed in: figures without a connection, and notices on this device.
if (document.body.classList.contains("office") && !document.querySelector(".demonstration") && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/worker.js").catch(() => {}); // a browser may refuse it: then all is as without
}
