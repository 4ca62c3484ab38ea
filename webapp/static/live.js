// Live figures: told that there is something new, the page fetches itself and swaps the parts that changed. Scroll,
// filters and focus stay: a part that holds the focus keeps it by its place, and forms are no parts.

import { drawCharts } from "./charts.js";

const POLL_MS = 20000;
const SPREAD_MS = 700; // thousands of pages must not ask in the same instant

let asked = false;

export function follow(address) {
  let timer = null;
  const poll = (on) => {
    if (on && timer === null) timer = setInterval(refresh, POLL_MS + Math.random() * SPREAD_MS);
    if (!on && timer !== null) timer = clearInterval(timer) ?? null;
  };
  let source = null;
  let missed = false;
  const listen = () => {
    if (!("EventSource" in window)) return poll(true);
    source = new EventSource(address);
    source.addEventListener("open", () => {
      poll(false);
      if (missed) soon();
      missed = false;
    });
    source.addEventListener("outlets", soon);
    source.addEventListener("error", () => {
      missed = true;
      poll(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, POLL_MS);
    });
  };
  listen();
  addEventListener("pagehide", () => source?.close());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && asked) soon();
  });
}

function soon() {
  if (asked && !document.hidden) return;
  asked = true;
  if (document.hidden) return; // a page nobody looks at waits until somebody does
  setTimeout(() => {
    asked = false;
    refresh();
  }, Math.random() * SPREAD_MS);
}

async function refresh() {
  let text;
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, redirect: "manual" });
    if (!answer.ok) return; // signed out, or no licence any more: the next click says so
    text = await answer.text();
  } catch {
    return; // offline for a moment; the stream comes back by itself
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const parts = new Map([...fresh.querySelectorAll("main [data-part]")].map((part) => [part.dataset.part, part]));
  const shown = [...document.querySelectorAll("main [data-part]")];
  if (shown.length !== parts.size || shown.some((part) => !parts.has(part.dataset.part))) return swapMain(fresh);
  for (const part of shown) swap(part, parts.get(part.dataset.part));
}

function swapMain(fresh) {
  // A section appeared or went: all of it is taken, unless somebody is typing.
  const main = document.querySelector("main");
  if (main.contains(document.activeElement) && document.activeElement !== main) return;
  main.replaceChildren(...fresh.querySelector("main").childNodes);
  drawCharts(main);
}

function swap(part, other) {
  const content = other.innerHTML;
  if (kept.get(part) === content) return;
  const first = !kept.has(part);
  kept.set(part, content);
  if (first && plain(part) === plain(other)) return;
  const open = [...part.querySelectorAll("details")].map((details) => details.open);
  const scrolled = [...part.querySelectorAll(".scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
  const focused = part.contains(document.activeElement) ? places(part).indexOf(document.activeElement) : -1;
  part.innerHTML = content;
  part.querySelectorAll("details").forEach((details, i) => (details.open = open[i] ?? details.open));
  part.querySelectorAll(".scroll").forEach((box, i) => box.scrollTo(...(scrolled[i] ?? [0, 0])));
  if (focused >= 0) places(part)[focused]?.focus({ preventScroll: true });
  drawCharts(part);
  part.classList.remove("fresh");
  void part.offsetWidth;
  part.classList.add("fresh");
}

const kept = new WeakMap();

function plain(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll(".chart-canvas").forEach((canvas) => canvas.remove());
  return copy.textContent.replace(/\s+/g, " ");
}

function places(part) {
  return [...part.querySelectorAll("a[href], button, input, select, summary, [tabindex]")];
}
