// Notices on this device: what a form alone can't do. The browser asks its reader, subscribes, and the form is sent.

const form = document.querySelector("[data-push]");
const able = form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
if (able) {
  form.hidden = false;
  document.querySelector("[data-push-unable]").hidden = true;
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return; // filled in: it goes out like any form
    event.preventDefault();
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
      const { endpoint, keys } = (await subscribed()).toJSON();
      form.elements.endpoint.value = endpoint;
      form.elements.p256dh.value = keys.p256dh;
      form.elements.auth.value = keys.auth;
    } catch {
      form.querySelector("[data-push-refused]").hidden = false;
      return;
    }
    form.submit();
  });
}

async function subscribed() {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    const before = await pushManager.getSubscription(); // for a key that the service had before
    if (!before) throw error;
    await before.unsubscribe();
    return pushManager.subscribe(options);
  }
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}
