// <a href="/the/page/" data-dialog="id">: opens the native <dialog id="id"> of the page instead of going there.
// Without JavaScript, or without that dialog, the link simply goes to the page, which holds the same form.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const dialog = document.getElementById(opener.dataset.dialog);
  if (typeof dialog?.showModal !== "function") return;
  event.preventDefault();
  dialog.showModal();
});

// a dialog whose form came back with errors is open again
document.querySelector("dialog[data-open]")?.showModal();
