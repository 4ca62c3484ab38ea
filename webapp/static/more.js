// «Show more» adds its rows where one is: the page that the link leads to has all that are here, and the next ones.

import { refetch } from "./live.js";

// A search finds while one types, once one pauses.
let pause = null;
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-find]");
  if (!form) return;
  clearTimeout(pause);
  pause = setTimeout(async () => {
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
    if (!answer?.ok || address !== `${form.action}?${new URLSearchParams(new FormData(form))}`) return; // typed on
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-found]");
    if (!fresh) return;
    document.querySelector("[data-found]").replaceChildren(...fresh.childNodes);
    history.replaceState(history.state, "", address);
  }, 250);
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-adds]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const address = new URL(link.href);
  address.hash = "";
  link.setAttribute("aria-busy", "true");
  if (!(await refetch(address.href))) return location.assign(link.href);
  history.replaceState(history.state, "", address);
  // Where the link was, the rows go on: that is where the keyboard goes on, too.
  document.querySelector("#more a")?.focus({ preventScroll: true });
});
