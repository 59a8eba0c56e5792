// <dialog data-session-end="SECONDS">: five minutes before the session ends, says so and offers to stay signed in.
// Every tab of the browser follows the same end: what one of them prolongs, the others learn. Without JavaScript the
// foot of the page says how long the session lasts.
const dialog = document.querySelector("dialog[data-session-end]");
const WARNING = 5 * 60 * 1000; // milliseconds before the end

if (dialog) {
  const told = dialog.querySelector("[data-told]");
  const stay = dialog.querySelector("[data-stay]");
  const left = dialog.querySelector("[data-left]");
  const when = document.querySelector("[data-session-when]");
  const others = new BroadcastChannel("session");
  let end = 0;
  let final = false;
  let warned = false;
  let over = false;

  const follow = (news) => {
    final ||= news.final;
    if (news.end <= end) return;
    ({ end, final } = news);
    warned = false;
    over = false;
    if (dialog.open) dialog.close();
    const at = new Date(end);
    when.textContent = `à\u00a0${at.getHours()}\u00a0h\u00a0${String(at.getMinutes()).padStart(2, "0")}`;
  };
  const learn = (seconds, isFinal) => {
    follow({ end: Date.now() + seconds * 1000, final: isFinal });
    others.postMessage({ end, final });
  };
  const say = (state) => {
    told.textContent = dialog.dataset[state];
    stay.hidden = state !== "soon";
    left.hidden = state !== "over";
  };
  const show = () => {
    if (!dialog.open) dialog.showModal();
  };

  const look = () => {
    const remains = end - Date.now();
    if (remains <= 0 && !over) {
      over = true;
      say("over");
      show();
    } else if (remains > 0 && remains <= WARNING && !warned) {
      warned = true;
      say(final ? "final" : "soon");
      show();
    }
  };

  others.addEventListener("message", (event) => follow(event.data));
  stay.addEventListener("click", async () => {
    const body = new FormData(stay.form);
    try {
      const answer = await fetch(stay.form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (answer.redirected || !answer.ok) throw new Error(answer.status);
      const { seconds, final: isFinal } = await answer.json();
      learn(seconds, isFinal);
      if (isFinal) look();
    } catch {
      say("failed");
    }
  });

  learn(Number(dialog.dataset.sessionEnd), "limit" in dialog.dataset);
  look();
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
}
