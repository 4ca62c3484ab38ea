// What the pages do beyond plain HTML: forms that submit themselves.

document.documentElement.classList.add("js");

for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
