// The exchanges of a reader as far as the page knows them. They are kept while another tab is looked at.

import { get } from "./api.js";

const KEPT = 5000;
const LOADED = 1000;
const MARGIN = 500;
const KEPT_CHARACTERS = 20_000_000;

const stores = new WeakMap();

/** Return the trace of a reader: one for the page's whole life. */
export function traceOf(reader) {
  if (!stores.has(reader)) {
    stores.set(reader, new Trace(reader));
  }
  return stores.get(reader);
}

/**
 * Exchanges, gaps and marks in the order in which they came.
 *
 * An item is {at, exchange} | {at, gap: {after, count}} | {at, mark: screen}; `at` grows by one an item. Events:
 * "more" (something was added at the end) and "anew" (everything may be otherwise).
 */
class Trace extends EventTarget {
  items = [];
  last = 0;
  added = 0;
  /** How many exchanges the bench left out, because more came than anybody can read. */
  leftOut = 0;
  characters = 0;
  links = new Set();
  waiting = [];
  loading = false;

  constructor(reader) {
    super();
    this.reader = reader;
    reader.addEventListener("exchange", ({ detail }) => this.take(detail.exchanges));
    reader.addEventListener("rewound", ({ detail }) => this.mark(detail));
    reader.addEventListener("reload", () => this.load());
    this.load();
  }

  /** Load the newest exchanges anew. */
  async load() {
    if (this.loading) {
      return;
    }
    this.loading = true;
    try {
      const path = `${this.reader.path}/trace`;
      const { newest } = await get(`${path}?after=${Number.MAX_SAFE_INTEGER}&limit=1`);
      const after = Math.max(0, (newest ?? 0) - LOADED);
      const told = await get(`${path}?after=${after}&limit=${LOADED}`);
      this.forget();
      this.last = after + (told.missed ?? 0);
      this.add(told.exchanges);
      this.tell("anew");
    } catch {
      // The stream tells when the bench is back, and all is loaded then.
    } finally {
      this.loading = false;
      const waiting = this.waiting;
      this.waiting = [];
      this.take(waiting);
    }
  }

  /** Take what the stream tells. */
  take(exchanges) {
    if (this.loading) {
      this.waiting.push(...exchanges);
    } else if (this.add(exchanges)) {
      this.tell("more");
    }
  }

  add(exchanges) {
    const before = this.added;
    for (const exchange of exchanges) {
      if (exchange.number <= this.last) {
        continue;
      }
      const count = exchange.number - this.last - 1;
      if (count > 0) {
        this.push({ gap: { after: this.last, count } });
        this.leftOut += count;
      }
      this.last = exchange.number;
      this.links.add(exchange.link);
      this.push({ exchange });
    }
    this.trim();
    return this.added > before;
  }

  /** Drop the oldest when there are too many, or when theirs are too many bytes. */
  trim() {
    let drop = this.items.length > KEPT + MARGIN ? this.items.length - KEPT : 0;
    let left = this.characters;
    for (let at = 0; at < drop || left > KEPT_CHARACTERS; at += 1) {
      left -= size(this.items[at]);
      drop = Math.max(drop, at + 1);
    }
    this.items.splice(0, drop);
    this.characters = left;
  }

  push(item) {
    this.added += 1;
    this.items.push({ at: this.added, ...item });
    this.characters += size(item);
  }

  /** Mark that the reader went back in time. */
  mark(screen) {
    this.push({ mark: screen });
    this.tell("more");
  }

  /** Load what a gap left out, as far as the bench still has it. */
  async fill(item) {
    const { after, count } = item.gap;
    const told = await get(`${this.reader.path}/trace?after=${after}&limit=${Math.min(count, LOADED)}`);
    const found = told.exchanges.filter((each) => each.number <= after + count);
    const place = this.items.indexOf(item);
    if (place < 0) {
      return;
    }
    const last = found.at(-1)?.number ?? after + count;
    const left = after + count - last;
    const rest = left > 0 ? [{ gap: { after: last, count: left } }] : [];
    const filled = [...found.map((exchange) => ({ exchange })), ...rest];
    filled.forEach((each, at) => {
      each.at = item.at + (at + 1) / (filled.length + 1);
    });
    this.items.splice(place, 1, ...filled);
    this.leftOut -= found.length;
    this.characters += filled.reduce((sum, each) => sum + size(each), 0);
    this.tell("anew");
  }

  /** Forget all of it; the numbers go on. */
  clear() {
    this.forget();
    this.tell("anew");
  }

  forget() {
    this.items = [];
    this.leftOut = 0;
    this.characters = 0;
  }

  tell(kind) {
    this.dispatchEvent(new Event(kind));
  }
}

/** Return an exchange in the words of the language spoken now; as it is, once the bench has forgotten it. */
export async function toldAgain(reader, exchange) {
  try {
    return await get(`${reader.path}/trace/${exchange.number}`);
  } catch {
    return exchange;
  }
}

/** Return how many characters an item takes, nearly. */
function size({ exchange }) {
  return exchange === undefined ? 0 : exchange.command.length + (exchange.response?.length ?? 0);
}
