// A second click on a form already on its way does nothing. The server refuses it too (ENT-10); this spares the refusal.
// The button keeps its focus and its name: it is not disabled, so that a keyboard or a screen reader is not lost.
const onTheirWay = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (onTheirWay.has(form)) {
    event.preventDefault();
    return;
  }
  onTheirWay.add(form);
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), 8000);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(release);
});

function release(form) {
  onTheirWay.delete(form);
  form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
}
