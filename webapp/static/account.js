// Account and first-steps pages: copy buttons, and waiting for the first upload. All of it works without, only less handily.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.setAttribute("aria-label", button.textContent + " ✓");
      button.textContent = "✓";
    } catch {
      getSelection().selectAllChildren(source); // no clipboard on plain http: the text is at least selected
    }
  });
}

// The QR code of a till's token leads here. What stands behind # was sent nowhere; it leaves the address bar as well.
const scanned = document.querySelector("[data-scanned]");
const token = /^#token=(wo_till_[\w-]+)$/.exec(location.hash);
if (scanned && token) {
  document.getElementById("scanned").textContent = token[1];
  scanned.hidden = false;
  history.replaceState(null, "", location.pathname);
}

const waiting = document.querySelector("[data-arrival]");
if (waiting) {
  const look = async () => {
    try {
      const answer = await fetch(waiting.dataset.arrival, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const { arrived, refused } = await answer.json();
        waiting.querySelector("[data-waiting]").hidden = arrived || refused;
        waiting.querySelector("[data-refused]").hidden = arrived || !refused;
        waiting.querySelector("[data-arrived]").hidden = !arrived;
        if (arrived) return;
      }
      if (answer.status === 404 || answer.redirected) return;
    } catch {
      // away for a moment: ask again
    }
    setTimeout(look, document.hidden ? 10000 : 2000);
  };
  look();
}

// A page that waits for work to be done looks again by itself.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), Number(again.dataset.again) * (document.hidden ? 5 : 1));
