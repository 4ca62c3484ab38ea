// Live figures: told that there is something new, the page says what it holds and gets the parts and rows that changed.
// Scroll, filters and focus stay: a part that holds the focus keeps it by its place, and forms are no parts.

import { drawCharts } from "./charts.js";

const POLL_MS = 20000;
const REST_MS = 3000;
const SPREAD_MS = 700; // thousands of pages must not ask in the same instant

let asked = false;
let restUntil = 0; // the service says how long a page rests: the dearer, the longer

// All tabs of a browser share one stream, since over HTTP/1.1 it has six connections in all: the tab that holds a lock
// listens and tells the others. A tab that nobody looks at neither listens nor holds it. Where there are no locks (an
// address without https), each tab that is looked at listens by itself.
const NAME = "weboffice-live";

export function follow(address) {
  const others = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
  let timer = null;
  let source = null;
  let turn = null; // the wait for the lock
  let done = null; // gives the lock back
  const tell = () => {
    soon();
    others?.postMessage("news");
  };
  const poll = (on) => {
    if (on && timer === null) timer = setInterval(tell, POLL_MS + Math.random() * SPREAD_MS);
    if (!on && timer !== null) timer = clearInterval(timer) ?? null;
  };
  let missed = false;
  const listen = () => {
    if (!("EventSource" in window)) return poll(true);
    const opened = (source = new EventSource(address));
    opened.addEventListener("open", () => {
      poll(false);
      if (missed) tell();
      missed = false;
    });
    opened.addEventListener("outlets", tell);
    opened.addEventListener("error", () => {
      missed = true;
      poll(true);
      if (opened.readyState === EventSource.CLOSED) setTimeout(() => opened === source && listen(), POLL_MS);
    });
  };
  const join = () => {
    if (turn || source) return;
    if (!navigator.locks || !others) return listen();
    turn = new AbortController();
    navigator.locks
      .request(NAME, { signal: turn.signal }, () => {
        listen();
        return new Promise((resolve) => (done = resolve));
      })
      .catch(() => {}); // it is no longer waited for
  };
  const leave = () => {
    turn?.abort();
    source?.close();
    poll(false);
    done?.();
    turn = source = done = null;
  };
  others?.addEventListener("message", soon);
  if (!document.hidden) join();
  awaitRest();
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && !document.hidden && join());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return leave();
    join();
    soon(); // what came meanwhile was told to nobody here
  });
}

function soon() {
  if (asked || document.hidden) return;
  asked = true;
  setTimeout(() => {
    asked = false;
    if (!document.hidden) refresh();
  }, Math.max(restUntil - performance.now(), 0) + Math.random() * SPREAD_MS);
}

// Figures that something is still being added to: nobody tells this page when that is done.
let rest = null;

function awaitRest() {
  clearTimeout(rest);
  if (document.querySelector("main [data-soon]")) {
    rest = setTimeout(refresh, Math.max(REST_MS, restUntil - performance.now()) + Math.random() * SPREAD_MS);
  }
}

async function refresh() {
  await refetch(location.href);
  awaitRest();
}

// Whether the page of that address could be had and is shown now: what changed of it, or `whole`.
export async function refetch(address, whole = false) {
  const main = document.querySelector("main");
  const asked = whole ? { "X-Whole": "1" } : { "X-Live": main.dataset.held || "1" };
  let text, kept;
  try {
    const answer = await fetch(address, { headers: asked, redirect: "manual" });
    if (!answer.ok) return false; // signed out, or no licence any more: the next click says so
    if (answer.headers.get("Content-Type").startsWith("application/json")) return draw(await answer.json());
    text = await answer.text();
    kept = answer.headers.has("X-Kept");
  } catch {
    return false; // offline for a moment; the stream comes back by itself
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  delete main.dataset.held;
  const parts = new Map([...fresh.querySelectorAll("main [data-part]")].map((part) => [part.dataset.part, part]));
  const shown = [...document.querySelectorAll("main [data-part]")];
  if (shown.length !== parts.size || shown.some((part) => !parts.has(part.dataset.part))) swapMain(fresh);
  else for (const part of shown) swap(part, parts.get(part.dataset.part));
  tellKept(kept);
  return true;
}

// Whether these are the last figures of this device, as there is no connection, and from when.
function tellKept(kept) {
  const notice = document.querySelector('[data-part="shown-at"]');
  if (!notice) return;
  const { keptDay } = notice.querySelector("[data-kept-day]").dataset;
  const now = new Date();
  const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  notice.classList.toggle("today", keptDay === today.join("-"));
  notice.hidden = !kept;
}

function draw(changes) {
  const main = document.querySelector("main");
  restUntil = performance.now() + changes.rest_ms;
  if (changes.main !== undefined && !swapMain(parsed(`<main>${changes.main}</main>`))) return true;
  const parts = new Map([...main.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  for (const [name, text] of Object.entries(changes.parts ?? {})) swap(parts.get(name), parsed(text).firstElementChild);
  for (const [name, rows] of Object.entries(changes.rows ?? {})) {
    const shown = parts.get(name).querySelectorAll("tr[data-row]");
    for (const [i, text] of Object.entries(rows)) swap(shown[i], parsed(text).firstElementChild);
  }
  main.dataset.held = changes.held;
  return true;
}

function parsed(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  return template.content;
}

// Whether all of the page was taken: a section appeared or went. Not while somebody is typing.
function swapMain(fresh) {
  const main = document.querySelector("main");
  if (main.contains(document.activeElement) && document.activeElement !== main) return false;
  main.replaceChildren(...fresh.querySelector("main").childNodes);
  drawCharts(main);
  return true;
}

function swap(part, other) {
  const content = other.innerHTML;
  if (swapped.get(part) === content) return;
  const first = !swapped.has(part);
  swapped.set(part, content);
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

const swapped = new WeakMap();

function plain(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll(".chart-canvas").forEach((canvas) => canvas.remove());
  return copy.textContent.replace(/\s+/g, " ");
}

function places(part) {
  return [...part.querySelectorAll("a[href], button, input, select, summary, [tabindex]")];
}
