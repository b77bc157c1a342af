// What the page knows of the bench. Events and answers both arrive here; each change is applied once.

import { get, post } from "./api.js";
import { Stream } from "./stream.js";
import { spoken } from "./words.js";

const PASSED_ON = ["exchange", "fault", "rule", "snapshot", "progress"];

/** One reader: what it was last known to be. Tells of changes by the events that design names. */
export class ReaderState extends EventTarget {
  constructor(told) {
    super();
    this.name = told.name;
    this.path = `/v1/readers/${encodeURIComponent(told.name)}`;
    this.now = told;
    this.screen = told.screen;
    this.cards = [];
    this.clockTakenAt = performance.now();
    this.keys = [];
    this.pressing = null;
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** Take a whole reader. */
  takeReader(told) {
    this.now = { ...this.now, ...told };
    this.clockTakenAt = performance.now();
    if (told.screen) {
      this.takeScreen(told.screen);
    }
    this.tell("reader", this.now);
  }

  /** Take a screen, unless a later one is shown already. */
  takeScreen(screen) {
    if (screen.revision < this.screen.revision) {
      return;
    }
    const same = screen.revision === this.screen.revision && screen.on === this.screen.on;
    this.screen = screen;
    if (!same) {
      this.tell("screen", screen);
    }
  }

  /** Take an event of the stream. */
  take(kind, data) {
    if (kind === "screen") {
      this.takeScreen(data.screen ?? data);
    } else if (kind === "reader") {
      this.takeReader(data.state ?? data);
      this.loadCards();
    } else if (kind === "rewound") {
      const screen = data.screen ?? data;
      if (screen.lines) {
        this.takeScreen(screen);
      }
      this.tell(kind, data);
      this.load();
    } else if (PASSED_ON.includes(kind)) {
      this.tell(kind, data);
    }
  }

  /** Load the reader and its cards anew. */
  async load() {
    try {
      // A bench that was started again counts its screens from the beginning.
      const told = await get(this.path);
      this.screen = { ...told.screen, revision: -1 };
      this.takeReader(told);
      await this.loadCards();
    } catch {
      // The stream tells when the bench is back, and asks for this again.
    }
  }

  /** Load the tray. */
  async loadCards() {
    try {
      this.cards = listed(await get(`${this.path}/cards`), "cards");
      this.tell("cards", this.cards);
    } catch {
      // As above.
    }
  }

  /** Press keys. Those pressed while the reader still answers wait, and travel together. */
  press(...legends) {
    this.keys.push(...legends);
    this.pressing ??= this.sendKeys().finally(() => {
      this.pressing = null;
    });
    return this.pressing;
  }

  async sendKeys() {
    while (this.keys.length > 0) {
      const keys = this.keys;
      this.keys = [];
      this.takeScreen(await post(`${this.path}/keys`, { keys }));
    }
  }

  /** The reader's clock at this moment, in ms since 1970-01-01 00:00 its local time. */
  clockNow() {
    const { now, rate, paused } = this.now.clock;
    return paused || !this.now.on ? now : now + (performance.now() - this.clockTakenAt) * (rate || 1);
  }
}

/** All readers of the bench. Events: "readers" (one more or less), "connection" (detail: open or connecting). */
export class Bench extends EventTarget {
  constructor() {
    super();
    this.readers = new Map();
    this.connection = "connecting";
    this.streams = new Map();
    this.whole = null;
  }

  /** Load everything, and follow what happens. */
  async start() {
    this.follow();
    spoken.addEventListener("language", () => this.refollow());
    await this.load();
  }

  /** Load the readers anew; those that are known keep their identity. */
  async load() {
    try {
      this.keepOnly(listed(await get("/v1/readers"), "readers"));
    } catch {
      // The stream tells when the bench is back, and asks for this again.
      return;
    }
    await Promise.all([...this.readers.values()].map((reader) => reader.loadCards()));
  }

  keepOnly(told) {
    const names = told.map((each) => each.name);
    for (const [name, reader] of this.readers) {
      if (!names.includes(name)) {
        this.readers.delete(name);
        reader.tell("gone");
        this.unfollow(name);
      }
    }
    for (const each of told) {
      const known = this.readers.get(each.name);
      if (known === undefined) {
        this.readers.set(each.name, new ReaderState(each));
        this.followReader(each.name);
      } else {
        known.takeReader(each);
      }
    }
    this.dispatchEvent(new Event("readers"));
  }

  /** Make a reader. Returns its name. */
  async make(wanted) {
    const told = await post("/v1/readers", wanted);
    await this.load();
    return told.name;
  }

  follow(last = "") {
    const take = (kind, data) => this.take(kind, data);
    this.whole = new Stream("/v1/events", take, (state) => this.connected(state), last);
    this.whole.follow();
  }

  connected(state) {
    if (state === "refused") {
      // This bench has a stream a reader only.
      this.perReader = true;
      [...this.readers.keys()].forEach((name) => this.followReader(name));
      return;
    }
    if (state === "open" && this.connection !== "open" && this.readers.size === 0) {
      this.load();
    }
    if (state === "open" || state === "connecting") {
      this.connection = state;
      this.dispatchEvent(new CustomEvent("connection", { detail: state }));
    }
  }

  followReader(name) {
    if (!this.perReader || this.streams.has(name)) {
      return;
    }
    const { path, now } = this.readers.get(name);
    const from = now.position ? `?after=${encodeURIComponent(now.position)}` : "";
    const take = (kind, data) => this.take(kind, { reader: name, ...data });
    const stream = new Stream(`${path}/events${from}`, take, (state) => this.connected(state === "refused" ? "closed" : state));
    this.streams.set(name, stream);
    stream.follow();
  }

  unfollow(name) {
    this.streams.get(name)?.close();
    this.streams.delete(name);
  }

  /** Follow anew in the language of now: the words of exchanges come from the bench. */
  refollow() {
    const { last } = this.whole;
    this.whole.close();
    this.follow(last);
    [...this.readers.values()].forEach((reader) => reader.tell("reload"));
  }

  take(kind, data) {
    if (kind === "readers") {
      this.keepOnly(data.readers);
    } else if (kind === "missed") {
      this.reload();
    } else if (kind === "gone") {
      this.keepOnly([...this.readers.values()].filter((each) => each.name !== data.reader).map((each) => each.now));
    } else {
      this.readers.get(data.reader)?.take(kind, data);
    }
  }

  async reload() {
    this.readers.forEach((reader) => {
      reader.screen = { ...reader.screen, revision: -1 };
    });
    await this.load();
    this.readers.forEach((reader) => reader.tell("reload"));
  }
}

/** Return a list that an answer is, or holds under a name. */
function listed(answer, name) {
  return Array.isArray(answer) ? answer : (answer?.[name] ?? []);
}
