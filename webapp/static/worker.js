// The service worker: shows what is pushed to this device. `webapp/worker.py` puts what it has to know before it.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

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
