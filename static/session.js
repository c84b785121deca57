// Says that the session is about to end, extends it at one key, and clears the screen when it has ended.
// The server decides alone: this only repeats on the screen what it will do anyway.

const WARNING = 2 * 60_000;
const LONGEST_SLEEP = 30_000; // a machine that slept must find out soon after it wakes

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
const dialog = document.getElementById("cadre-session");
const failure = dialog.querySelector("[role=alert]");

let end = Date.now() + Number(meta("fin-de-session")) * 1000;
let warned = false;
let timer;

const leave = () => location.replace("/ecran-efface");

function watch() {
  clearTimeout(timer);
  const left = end - Date.now();
  if (left <= 0) return leave();
  if (left <= WARNING && !warned) {
    warned = true; // closed by Escape, it stays closed: the person was told
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
