// The service worker: the page on a home screen opens at once, shows the last figures where there is no connection, and
// what is pushed to this device. `webapp/worker.py` puts what it has to know before it.
//
// What it keeps of an account is that of one reader: every answer says whose it is (X-Reader), and as soon as one is
// another's, or nobody's, what was kept is gone before that answer is shown.

const STATIC = `static-${OFFICE.version}`;
const KEPT = "kept";
const READER = "/reader";
const LONGEST_MS = 3 * 24 * 3600 * 1000; // older figures are none
const AWAY = [502, 503, 504]; // what stands before the service answers for it

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(STATIC);
  await cache.addAll(OFFICE.assets);
  await cache.add(new Request(OFFICE.offline, { cache: "reload" }));
  await self.skipWaiting();
}

// A new version draws its shell anew; the last figures are plain pages and stay.
async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("static-") && name !== STATIC) await caches.delete(name);
  }
  await (await caches.open(KEPT)).delete(OFFICE.shell);
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") return event.respondWith(signOut(request));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) {
    // Firefox gives up the icon of a tab that was left, and says that the worker failed.
    if (request.destination !== "image") event.respondWith(asset(request));
    return;
  }
  if (/\.\w+$/.test(url.pathname)) return; // a file to be downloaded goes its own way
  const figures = url.pathname === "/" && (url.search === "" || url.search === OFFICE.home);
  if (request.mode === "navigate") event.respondWith(page(event, figures, url.search === OFFICE.home));
  else if (figures && request.headers.has("X-Whole")) event.respondWith(whole(event));
});

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function signOut(request) {
  await caches.delete(KEPT);
  return fetch(request);
}

// From the home screen the shell comes at once and fetches the figures; any other page comes as it is.
async function page(event, figures, home) {
  const kept = await caches.open(KEPT);
  if (home) {
    const shell = await kept.match(OFFICE.shell);
    if (shell) {
      event.waitUntil(renewed().catch(() => {}));
      return shell;
    }
  }
  try {
    const answer = await fetch(event.request);
    await told(answer);
    if (figures) keep(event, answer);
    if (!AWAY.includes(answer.status)) return answer;
    return (await without(figures)) ?? answer;
  } catch {
    return (await without(figures)) ?? Response.error();
  }
}

async function without(figures) {
  const shell = figures && (await last()) && (await (await caches.open(KEPT)).match(OFFICE.shell));
  return shell || caches.match(OFFICE.offline);
}

// The figures that the shell asks for: the last ones, marked as such, where none are to be had.
async function whole(event) {
  try {
    const answer = await fetch(event.request);
    await told(answer);
    keep(event, answer);
    if (!AWAY.includes(answer.status)) return answer;
    return (await last()) ?? answer;
  } catch {
    return (await last()) ?? Response.error();
  }
}

// Whose an answer is. One that only leads on does not say.
async function told(answer) {
  if (answer.type === "opaqueredirect" || AWAY.includes(answer.status)) return;
  const reader = answer.headers.get("X-Reader") ?? "";
  const before = await readerOfKept();
  if (reader === before) return;
  await caches.delete(KEPT);
  if (reader) await (await caches.open(KEPT)).put(READER, new Response(reader));
  if (before && person(reader) !== person(before)) {
    const subscription = await self.registration.pushManager?.getSubscription();
    await subscription?.unsubscribe();
  }
}

async function readerOfKept() {
  const cache = await caches.open(KEPT);
  return (await (await cache.match(READER))?.text()) ?? "";
}

function person(reader) {
  return reader.split(".")[0];
}

function keep(event, answer) {
  const reader = answer.headers.get("X-Reader");
  if (answer.status !== 200 || !reader) return;
  const copy = answer.clone();
  event.waitUntil(
    (async () => {
      if (reader !== (await readerOfKept())) return;
      const cache = await caches.open(KEPT);
      await cache.put("/", copy);
      if (!(await cache.match(OFFICE.shell))) await renewed();
    })().catch(() => {}), // away in between: what was kept before stays
  );
}

async function renewed() {
  const shell = await fetch(OFFICE.shell);
  await told(shell);
  if (shell.status === 200 && shell.headers.get("X-Reader")) await (await caches.open(KEPT)).put(OFFICE.shell, shell);
}

async function last() {
  const cache = await caches.open(KEPT);
  const kept = await cache.match("/");
  if (!kept || !(Date.now() - Date.parse(kept.headers.get("Date")) < LONGEST_MS)) return null;
  const headers = new Headers(kept.headers);
  headers.set("X-Kept", "1");
  return new Response(kept.body, { headers });
}

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // nothing in it that we know: it has to be shown all the same
  }
  const shown = { body: told.body ?? "", tag: told.tag, icon: OFFICE.icon, badge: OFFICE.icon, data: { url: told.url } };
  event.waitUntil(self.registration.showNotification(told.title || OFFICE.name, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});

// A page of ours, in the window that is there already or in a new one.
async function open(url) {
  const address = new URL(url || "/", self.location.origin);
  if (address.origin !== self.location.origin) return;
  for (const client of await self.clients.matchAll({ type: "window" })) {
    const shown = await client.navigate(address.href).catch(() => null);
    if (shown) return shown.focus().catch(() => null);
  }
  await self.clients.openWindow(address.href);
}
