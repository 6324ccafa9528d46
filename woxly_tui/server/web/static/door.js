// What the page asks of the Woxly server, and what it remembers of this guest.

const base = new URL("../", location.href);
const code = location.pathname.split("/").pop();
const ASK_WITHIN_MS = 15_000;

export const KIND = { gone: "gone", wait: "wait", down: "down", failed: "failed" };

/** The server does not let us in; `kind` says how, the message is for people. */
export class Refused extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

export function address(path) {
  return new URL(path, base);
}

async function ask(path, { method = "GET", body, bearer } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": "en" };
  if (body) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  let answer;
  let found;
  try {
    answer = await fetch(address(path), {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    });
  } catch {
    throw new Refused(KIND.down, "The server does not answer. Check your connection, then try again.");
  }
  try {
    found = await answer.json();
  } catch {
    throw new Refused(KIND.down, `Something else than Woxly answers here (${answer.status}). Try again later.`);
  }
  if (answer.ok) return found;
  if (answer.status === 404) throw new Refused(KIND.gone, "This link no longer works.");
  if (answer.status === 429) {
    const wait = Number(answer.headers.get("Retry-After")) || 60;
    throw new Refused(KIND.wait, `Too many tries from your network. Try again in ${wait} seconds.`);
  }
  throw new Refused(KIND.failed, typeof found.error === "string" ? found.error : `The server failed (${answer.status}).`);
}

export function lookUp() {
  return ask(`api/invites/${code}`);
}

/** A way into the call: as the guest we were, while that lasts, else as a new one. */
export async function knock(name) {
  const { guestToken, name: before } = remembered();
  const ways = [() => redeem(name)];
  if (guestToken && before === name) ways.unshift(comeBack);
  else if (guestToken) ways.push(comeBack); // used up: better the old name than none
  for (const way of ways) {
    try {
      return await way();
    } catch (error) {
      if (error.kind !== KIND.gone || way === ways.at(-1)) throw error;
    }
  }
}

async function redeem(name) {
  const way = await ask(`api/invites/${code}/redeem`, { method: "POST", body: { name } });
  remember({ guestToken: way.guestToken, name });
  return way;
}

/** A fresh way in for the guest we are. */
export function comeBack() {
  return ask("api/guests/livekit-token", { method: "POST", bearer: remembered().guestToken });
}

/** Why there is no livekit-client, in the server's words. */
export async function whyNoClient() {
  try {
    await ask("web/livekit-client.umd.js");
  } catch (error) {
    return error.message;
  }
  return "";
}

const KEY = `woxly:${code}`;
let memory = {};

export function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? memory;
  } catch {
    return memory; // a browser that keeps nothing
  }
}

function remember(what) {
  memory = what;
  try {
    localStorage.setItem(KEY, JSON.stringify(what));
    localStorage.setItem("woxly:name", what.name);
  } catch {
    // then for as long as the page lives
  }
}

export function lastName() {
  try {
    return localStorage.getItem("woxly:name") ?? "";
  } catch {
    return "";
  }
}
