// <form data-leave-warning>: leaving the page before the form is sent asks first (ANS-03).
// The browser says its own sentence; the page says ours in plain text.
const forms = document.querySelectorAll("form[data-leave-warning]");
let sent = false;

for (const form of forms) {
  form.addEventListener("submit", () => {
    sent = true;
  });
}

if (forms.length > 0) {
  window.addEventListener("beforeunload", (event) => {
    if (!sent) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}
