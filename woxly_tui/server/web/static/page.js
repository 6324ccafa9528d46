// The page: which view is shown, and what its buttons do.

import { Call } from "./call.js";
import * as door from "./door.js";

const REJOIN_MS = [500, 2000, 4000, 8000, 15000, 30000]; // waits before each try to come back

const at = (id) => document.getElementById(id);
const client = new Promise((resolve) => {
  at("client").addEventListener("load", () => resolve(true));
  at("client").addEventListener("error", () => resolve(false));
});

let call = null;
let microphone = null;
let context = null;
let title = "The call";

function show(view) {
  document.documentElement.dataset.view = view;
}

function say(text, { isBad = false } = {}) {
  at("status").textContent = text;
  at("status").classList.toggle("bad", isBad);
  at("status").hidden = !text;
}

// --- the lobby ---------------------------------------------------------------------------

function describe({ room, invitedBy, peopleInside }) {
  title = room || (invitedBy ? `Call with ${invitedBy}` : "The call");
  at("lobby-title").textContent = room ? `Join ${room}` : "Join the call";
  document.title = `${title} · woxly`;
  const inside = peopleInside === 0 ? "Nobody is in the call yet."
    : peopleInside === 1 ? "One person is in the call." : `${peopleInside} people are in the call.`;
  at("about").textContent = `${invitedBy ? `${invitedBy} invites you to a voice call.` : "You are invited to a voice call."} ${inside} No account is needed.`;
}

/** Why this browser has no microphone for us, or an empty text. */
function hindrance() {
  if (navigator.mediaDevices?.getUserMedia) return "";
  return window.isSecureContext
    ? "This browser gives pages no microphone. Try Firefox, Chrome or Safari, or join to listen only."
    : "Browsers give a page the microphone only over https, and this link is plain http.\n"
      + "Ask whoever sent it for an https link, join from a terminal with "
      + `“woxly join ${location.href}”, or join here to listen only.`;
}

function whyNoMicrophone(error) {
  switch (error?.name) {
    case "NotAllowedError":
      return "The microphone is not allowed for this page.\nAllow it beside the address, or in the settings of the browser or phone, then press Join again; or join to listen only.";
    case "NotFoundError":
      return "No microphone was found. Connect one and press Join again, or join to listen only.";
    case "NotReadableError":
      return "Another program keeps the microphone to itself. Close it and press Join again, or join to listen only.";
    default:
      return `The microphone cannot be used (${error?.name ?? "unknown"}). Join to listen only, or try another browser.`;
  }
}

function offerListening(why) {
  say(why, { isBad: true });
  at("listen").hidden = false;
}

async function openMicrophone() {
  const track = await LivekitClient.createLocalAudioTrack({
    echoCancellation: true, noiseSuppression: true, autoGainControl: true,
  });
  if (at("start-muted").checked) await track.mute();
  track.on("ended", () => say("The microphone stopped. Leave and join again to use another.", { isBad: true }));
  return track;
}

async function enter({ listensOnly }) {
  const name = at("name").value.trim();
  if (!name) return at("name").focus();
  context ??= new AudioContext();
  context.resume();
  if (!(await client)) return say(`The call cannot start here. ${await door.whyNoClient()}`, { isBad: true });
  if (!listensOnly) {
    if (hindrance()) return offerListening(hindrance());
    say("Waiting for the microphone: allow it if the browser asks.");
    try {
      microphone ??= await openMicrophone();
    } catch (error) {
      return offerListening(whyNoMicrophone(error));
    }
  }
  say("Joining…");
  try {
    await join(await door.knock(name));
  } catch (error) {
    closeMicrophone();
    refuse(error);
  }
}

async function guarded(work) {
  for (const id of ["join", "listen", "again"]) at(id).disabled = true;
  try {
    await work();
  } finally {
    for (const id of ["join", "listen", "again"]) at(id).disabled = false;
  }
}

function refuse(error) {
  if (error.kind === door.KIND.gone) {
    say("");
    show("gone");
  } else {
    say(error instanceof door.Refused ? error.message : whyNoCall(error), { isBad: true });
  }
}

function whyNoCall(error) {
  console.error(error);
  return "The server for sound cannot be reached from here. A firewall may be in the way, or it is not running. Try again, or try another network.";
}

// --- the call ----------------------------------------------------------------------------

async function join(way) {
  if (location.protocol === "https:" && way.url.startsWith("ws:")) {
    throw new door.Refused(door.KIND.failed, "This page is https, but the server for sound is not. Whoever runs the server must set LIVEKIT_PUBLIC_URL to a wss:// address.");
  }
  const next = new Call(way, microphone, context, at("people"), at("said"));
  next.addEventListener("people", ({ detail }) => drawCall(next, detail));
  next.addEventListener("playback", () => { at("hear").hidden = next.canHear; });
  next.addEventListener("connection", ({ detail }) =>
    say(detail === "connected" ? "" : "The connection was lost. Reconnecting…"));
  try {
    await next.join();
  } catch (error) {
    next.end({ text: "", isLost: false });
    await next.leave();
    throw error;
  }
  next.addEventListener("ended", ({ detail }) => onEnded(next, detail));
  call = next;
  at("call-title").textContent = way.room || title;
  at("hear").hidden = next.canHear;
  say("");
  show("call");
  next.draw();
  if (next.isOver) onEnded(next, { text: "The connection to the call was lost.", isLost: true });
}

function drawCall(which, count) {
  at("count").textContent = count === 1 ? "Only you are here" : `${count} people are here`;
  const { isMuted } = which;
  at("mute").hidden = !which.microphone;
  at("mute").setAttribute("aria-pressed", String(isMuted));
  at("mute-word").textContent = isMuted ? "Unmute" : "Mute";
}

function onEnded(which, { text, isLost }) {
  if (which !== call) return;
  call = null;
  if (isLost) {
    guarded(comeBack);
    return;
  }
  finish(text);
}

function finish(text) {
  closeMicrophone();
  say("");
  at("over-why").textContent = text;
  show("over");
  at("again").focus();
}

/** The connection is gone for good: take a fresh token, a few times. */
async function comeBack() {
  say("The connection was lost. Joining again…");
  for (const wait of REJOIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (document.documentElement.dataset.view !== "call") return;
    try {
      return await join(await door.comeBack());
    } catch (error) {
      if (error.kind === door.KIND.gone) {
        return finish("The connection was lost, and the invitation has ended meanwhile.");
      }
    }
  }
  finish("The connection was lost, and the server does not answer.");
}

function closeMicrophone() {
  microphone?.stop();
  microphone = null;
}

async function toggleMute() {
  if (!call?.microphone) return;
  at("mute").disabled = true;
  try {
    await call.setMuted(!call.isMuted);
  } catch (error) {
    say(whyNoMicrophone(error), { isBad: true });
  } finally {
    at("mute").disabled = false;
  }
}

async function leave() {
  if (call) await call.leave();
  else finish("You left the call."); // in the middle of coming back
}

// --- start -------------------------------------------------------------------------------

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(() => enter({ listensOnly: false }));
});
at("listen").addEventListener("click", () => guarded(() => enter({ listensOnly: true })));
at("mute").addEventListener("click", toggleMute);
at("leave").addEventListener("click", leave);
at("hear").addEventListener("click", () => call?.hear());
at("again").addEventListener("click", () => {
  show("lobby");
  at("join").focus();
});
document.addEventListener("keydown", (event) => {
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
  if (call && isPlain && event.key.toLowerCase() === "m") toggleMute();
});

async function begin() {
  const known = door.remembered();
  at("name").value = known.name || door.lastName();
  try {
    describe(await door.lookUp());
  } catch (error) {
    if (error.kind !== door.KIND.gone) return say(error.message, { isBad: true });
    if (!known.guestToken) return show("gone");
    try { // used up, but not by others: we are in already
      const way = await door.comeBack();
      describe({ room: way.room, invitedBy: null, peopleInside: 0 });
      at("about").textContent = "You have joined this call before, and may join again.";
    } catch (refusal) {
      return refuse(refusal);
    }
    show("lobby");
  }
  if (hindrance()) offerListening(hindrance());
  else if (document.documentElement.dataset.view === "lobby") at("name").focus();
}

begin();
