// The bench's HTTP API: JSON there and back, and refusals as a message with what to do.

import { currentLanguage, say, ToldInEach } from "./words.js";

/** What the bench refused, or that it did not answer. `message` and `action` are for people. */
export class Problem extends Error {
  constructor(message, action, { code = "", category = "", status = 0 } = {}) {
    super(String(message));
    this.told = message;
    this.action = action;
    this.code = code;
    this.category = category;
    this.status = status;
  }
}

export const get = (path, options) => call("GET", path, options);
export const del = (path, options) => call("DELETE", path, options);
export const post = (path, body, options) => call("POST", path, { body, ...options });
export const put = (path, body, options) => call("PUT", path, { body, ...options });
export const patch = (path, body, options) => call("PATCH", path, { body, ...options });

/** Send a file's bytes. */
export const upload = (path, bytes, { method = "POST" } = {}) =>
  call(method, path, { bytes, type: "application/octet-stream" });

/** Return the text of an answer that is not JSON. */
export const text = async (path) => (await answer("GET", path, {})).text();

/** Return a picture, or another file that the page shows. */
export const blob = async (path) => (await answer("GET", path, {})).blob();

/** Wait: for people's eyes and for what is tried again, never for the reader. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function call(method, path, options = {}) {
  const response = await answer(method, path, options);
  const body = await response.text();
  if (body === "") {
    return null;
  }
  return (response.headers.get("Content-Type") ?? "").includes("json") ? JSON.parse(body) : body;
}

async function answer(method, path, { body, bytes, type = "application/json", signal } = {}) {
  const headers = { "Accept-Language": currentLanguage() };
  const sent = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
  if (sent !== undefined) {
    headers["Content-Type"] = type;
  }
  let response;
  try {
    response = await fetch(path, { method, headers, body: sent, signal });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Problem(say("The bench does not answer"), say("Start it again; this page reconnects by itself"));
  }
  if (!response.ok) {
    throw await problem(response);
  }
  return response;
}

async function problem(response) {
  let told = {};
  try {
    told = await response.json();
  } catch {
    // Not from the bench itself: the status is all there is to tell.
  }
  const message = inEach(told, "detail") ?? told.title ?? say("The bench answered {status}", { status: response.status });
  return new Problem(message, inEach(told, "action") ?? "", { code: told.code, category: told.category, status: response.status });
}

/** Return a text of a problem that follows the language of the page, or undefined for none. */
function inEach({ translations, ...told }, name) {
  if (!told[name] || translations === undefined) {
    return told[name];
  }
  return new ToldInEach(Object.fromEntries(Object.entries(translations).map(([each, texts]) => [each, texts[name]])));
}
