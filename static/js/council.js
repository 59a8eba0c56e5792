// <form data-council>: saves a pupil's block when its reader leaves it. Without JavaScript the buttons do it.
// The server answers with the block as it now stands; what is typed meanwhile is kept, and sent at the next leaving.
const form = document.querySelector("form[data-council]");
const told = document.getElementById("council-told");
const changed = new Set();
const onTheirWay = new Set();
let leaving = false;

class SignedOut extends Error {}

const number = (block) => block.dataset.pupil;
const blocks = () => form.querySelectorAll("[data-pupil]");
const named = (pupil) => form.querySelector(`[data-pupil="${pupil}"]`);
const name = (block) => block.querySelector("legend").textContent;

function fieldsOf(block) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const one of block.querySelectorAll("input, select")) {
    if (one.type !== "radio" || one.checked) data.set(one.name, one.value);
  }
  data.set("only", number(block));
  return data;
}

function replace(block, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("[data-pupil]");
  if (!fresh) throw new Error("no block");
  const focused = block.contains(document.activeElement) ? document.activeElement : null;
  block.replaceWith(fresh);
  if (focused?.name) focusAgain(fresh, focused);
  return fresh;
}

function focusAgain(fresh, focused) {
  const again = [...fresh.querySelectorAll("[name]")].find((one) => one.name === focused.name && (one.type !== "radio" || one.value === focused.value));
  again?.focus();
  if (again?.type === "text") again.setSelectionRange(focused.selectionStart, focused.selectionEnd);
}

// signed out, then in again in another tab: the page's token is no longer the right one
async function signInAgain() {
  const page = new DOMParser().parseFromString(await (await fetch(form.action)).text(), "text/html");
  const fresh = page.querySelector("form[data-council]");
  if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.elements.csrfmiddlewaretoken.value;
}

async function save(pupil) {
  if (onTheirWay.has(pupil) || !changed.has(pupil)) return;
  onTheirWay.add(pupil);
  changed.delete(pupil);
  const block = named(pupil);
  try {
    const answer = await fetch(form.action, { method: "POST", body: fieldsOf(block), headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected || answer.status === 403) throw new SignedOut();
    if (![200, 409, 422].includes(answer.status)) throw new Error(answer.status);
    const html = await answer.text();
    if (changed.has(pupil)) follow(block, html, answer.ok);
    else told.textContent = replace(block, html).dataset.told || `${name(block)} : ${told.dataset.refused}`;
  } catch (problem) {
    changed.add(pupil);
    told.textContent = `${name(block)} : ${problem instanceof SignedOut ? told.dataset.out : told.dataset.failed}`;
    if (problem instanceof SignedOut) await signInAgain().catch(() => {});
  } finally {
    onTheirWay.delete(pupil);
  }
  if (changed.has(pupil) && !named(pupil).contains(document.activeElement)) setTimeout(() => save(pupil), 3000);
}

// typed again while it was on its way: keep what is typed, and the version that was just saved
function follow(block, html, saved) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const seen = (where) => where.querySelector('input[name$="-seen"]');
  if (saved) seen(block).value = seen(page).value;
}

function note(event) {
  const block = event.target.closest("[data-pupil]");
  if (block) changed.add(number(block));
}

form.addEventListener("input", note);
form.addEventListener("change", note);
form.addEventListener("focusout", (event) => {
  const block = event.target.closest("[data-pupil]");
  if (block && !block.contains(event.relatedTarget)) save(number(block));
});
// the browser would press the first button of the page, which is another pupil's
form.addEventListener("keydown", (event) => {
  const block = event.target.closest("[data-pupil]");
  if (event.key !== "Enter" || event.target.tagName !== "INPUT" || !block) return;
  event.preventDefault();
  save(number(block));
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.name === "only") {
    event.preventDefault();
    changed.add(event.submitter.value);
    save(event.submitter.value);
  } else {
    leaving = true;
  }
});
window.addEventListener("beforeunload", (event) => {
  const unsaved = changed.size || onTheirWay.size || [...blocks()].some((one) => "unsaved" in one.dataset);
  if (!leaving && unsaved) event.preventDefault();
});
window.addEventListener("pageshow", () => {
  leaving = false;
});
