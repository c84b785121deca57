// Says that the session is about to end, extends it at one key, and clears the screen when it has ended.
// The server decides alone: this only repeats on the screen what it will do anyway.
// What is typed in a form that may be kept (data-gardee) is sent to the server before the screen clears.

const WARNING = 2 * 60_000;
const LONGEST_SLEEP = 30_000; // a machine that slept must find out soon after it wakes

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
const dialog = document.getElementById("cadre-session");
const failure = dialog.querySelector("[role=alert]");

let end = Date.now() + Number(meta("fin-de-session")) * 1000;
let warned = false;
let timer;

// The form in which something was typed: here, or before this page answered it.
const forms = [...document.querySelectorAll("form[data-gardee]")];
let typed = meta("saisie") ? (forms.find((form) => form.querySelector("[aria-invalid]")) ?? forms[0]) : undefined;
addEventListener("input", ({ target }) => {
  if (forms.includes(target.form)) typed = target.form;
});
addEventListener("submit", ({ target }) => {
  if (target === typed) typed = undefined;
});

// Nobody waits for the answer: when there is none, the form is lost as it would have been.
function keep() {
  if (!typed) return;
  const body = new URLSearchParams({
    jeton: meta("jeton"),
    formulaire: new URL(typed.getAttribute("action"), location).pathname,
    saisie: new URLSearchParams(new FormData(typed)),
  });
  fetch("/saisies", { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: true }).catch(() => {});
}

function leave() {
  keep();
  location.replace("/ecran-efface");
}

function watch() {
  clearTimeout(timer);
  const left = end - Date.now();
  if (left <= 0) return leave();
  if (left <= WARNING && !warned) {
    warned = true; // closed by Escape, it stays closed: the person was told
    keep();
    dialog.showModal();
  }
  timer = setTimeout(watch, Math.min(left > WARNING ? left - WARNING : left, LONGEST_SLEEP));
}

async function extend(event) {
  event.preventDefault();
  failure.hidden = true;
  try {
    const answer = await fetch("/session/prolonger", {
      method: "POST",
      body: new URLSearchParams({ jeton: meta("jeton") }),
      credentials: "same-origin",
      redirect: "manual",
    });
    if (answer.status < 500 && !answer.ok) return leave(); // the session is over: the server says so, or sends elsewhere
    if (!answer.ok) throw new Error(answer.statusText);
    const { secondes, fin } = await answer.json();
    end = Date.now() + secondes * 1000;
    document.getElementById("cadre-fin").textContent = fin;
    warned = false;
    dialog.close();
    watch();
  } catch {
    failure.hidden = false;
  }
}

dialog.querySelector("form").addEventListener("submit", extend);
document.addEventListener("visibilitychange", watch);
addEventListener("pageshow", watch);
watch();
