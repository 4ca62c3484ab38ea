// «Show more» adds its rows where one is: the page that the link leads to has all that are here, and the next ones.

import { refetch } from "./live.js";

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
