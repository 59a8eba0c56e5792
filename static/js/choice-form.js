// <form data-choice-form>: shows the details of the pathway selected, and of no other. Without JavaScript all are shown,
// each under its own legend; the server keeps those of the pathway selected only.
for (const form of document.querySelectorAll("form[data-choice-form]")) {
  const follow = () => {
    const chosen = form.querySelector("input[name=pathway]:checked")?.value;
    for (const group of form.querySelectorAll("[data-pathway]")) group.hidden = group.dataset.pathway !== chosen;
  };
  form.addEventListener("change", follow);
  follow();
}
