// The page's requests carry its session in a header: in a frame of another site a browser may keep no cookies.
"use strict";

const LOOK_EVERY_MS = 1500;
const { session, csrf } = document.body.dataset;
const events = document.getElementById("events");
const result = document.getElementById("result");
const said = document.getElementById("said");
let underWay = false;
let shownNumber = "";

async function read(address, options = {}) {
  const headers = { Authorization: `Bearer ${session}`, ...options.headers };
  try {
    const answer = await fetch(`app/${address}`, { ...options, headers, credentials: "omit", cache: "no-store" });
    return { status: answer.status, html: await answer.text() };
  } catch {
    return { status: 0, html: '<p class="trouble">Шлюз не отвечает. Проверьте связь; запрошенное не потеряется.</p>' };
  }
}

// Only what changed is shown, so that a screen reader is not told the same thing again.
function show(region, html) {
  if (region.dataset.shown === html) return;
  region.dataset.shown = html;
  region.innerHTML = html;
}

async function showEvents(number) {
  shownNumber = number;
  events.setAttribute("aria-busy", "true");
  const { html } = await read(number ? `events?number=${encodeURIComponent(number)}` : "events");
  const focused = document.activeElement?.dataset.event;
  show(events, html);
  events.removeAttribute("aria-busy");
  if (focused !== undefined) events.querySelector(`button[data-event="${focused}"]`)?.focus();
}

// A table is too long to be read out whenever it changes: its caption is enough, or what went wrong.
async function search(number) {
  await showEvents(number);
  said.textContent = events.querySelector("caption, .trouble, p")?.textContent ?? "";
}

function pressKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function allow(button, allowed) {
  underWay = !allowed;
  button.setAttribute("aria-disabled", String(!allowed));
}

async function importEvent(button) {
  if (underWay) return;
  allow(button, false);
  try {
    await follow(await send(button.dataset.event, pressKey()));
    await showEvents(shownNumber);
  } finally {
    allow(button, true);
  }
}

// The same press may be sent again when no answer came: it stays one request.
async function send(event, press) {
  const body = new URLSearchParams({ event, press });
  const request = { method: "POST", body, headers: { "X-CSRF-Token": csrf } };
  const answer = await read("imports", request);
  return answer.status === 0 ? read("imports", request) : answer;
}

async function follow(answer) {
  show(result, answer.html);
  const asked = result.querySelector("[data-request]");
  if (asked === null) return;
  let done = asked.dataset.done === "yes";
  while (!done) {
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
    const { status, html } = await read(`imports/${asked.dataset.request}`);
    show(result, html);
    if (status === 401 || status === 404) return;
    done = result.querySelector("[data-done=yes]") !== null;
  }
}

document.getElementById("search").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  search(document.getElementById("number").value.trim());
});
document.getElementById("recent").addEventListener("click", () => search(""));
events.addEventListener("click", (clicked) => {
  const button = clicked.target.closest("button[data-event]");
  if (button !== null) importEvent(button);
});
showEvents("");
