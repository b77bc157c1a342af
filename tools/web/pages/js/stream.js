// Server-sent events over fetch: EventSource can neither name a language nor tell why it was refused.

import { pause } from "./api.js";
import { currentLanguage } from "./words.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4000;

/**
 * A stream of events that reconnects where it broke off, by Last-Event-ID, and gives no event twice.
 *
 * `take(kind, data)` gets each event; `changed(state)` gets "connecting", "open" or "closed". `last` is
 * the position to go on from.
 */
export class Stream {
  constructor(path, take, changed, last = "") {
    this.path = path;
    this.take = take;
    this.changed = changed;
    this.last = last;
    this.stopped = new AbortController();
  }

  /** Follow the stream until `close`. */
  async follow() {
    let wait = FIRST_WAIT_MS;
    while (!this.stopped.signal.aborted) {
      try {
        const response = await this.open();
        if (response.ok) {
          wait = FIRST_WAIT_MS;
          this.changed("open");
          await this.read(response.body);
        }
      } catch {
        // Broken off: by the network, or because the bench ended. Tried again below.
      }
      if (this.stopped.signal.aborted) {
        break;
      }
      this.changed("connecting");
      await pause(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
    this.changed("closed");
  }

  /** Stop following. */
  close() {
    this.stopped.abort();
  }

  open() {
    const headers = { Accept: "text/event-stream", "Accept-Language": currentLanguage() };
    if (this.last !== "") {
      headers["Last-Event-ID"] = this.last;
    }
    return fetch(this.path, { headers, signal: this.stopped.signal, cache: "no-store" });
  }

  async read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const parts = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = parts.pop();
      parts.forEach((part) => this.event(part));
    }
  }

  event(part) {
    let kind = "message";
    let id = null;
    const data = [];
    for (const line of part.split("\n")) {
      const at = line.indexOf(":");
      const name = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
      if (name === "event") {
        kind = value;
      } else if (name === "id") {
        id = value;
      } else if (name === "data") {
        data.push(value);
      }
    }
    if (data.length === 0 || (id !== null && seen(id, this.last))) {
      return;
    }
    this.last = id ?? this.last;
    this.take(kind, JSON.parse(data.join("\n")));
  }
}

/** Whether an event was taken before: its number, within one run of the bench, is not above the last one. */
function seen(id, last) {
  const [epoch, at] = split(id);
  const [before, taken] = split(last);
  return id === last || (epoch === before && at <= taken);
}

function split(id) {
  const found = /^(.*)-(\d+)$/.exec(id);
  return found === null ? [id, NaN] : [found[1], Number(found[2])];
}
