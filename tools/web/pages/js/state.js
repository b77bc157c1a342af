// What the page knows of the bench. Events and answers both arrive here; each change is applied once.

import { get, pause, post } from "./api.js";
import { Stream } from "./stream.js";
import { spoken } from "./words.js";

const PASSED_ON = ["exchange", "fault", "rule", "snapshot", "progress"];
const TRY_AGAIN_MS = 1000;

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
    this.loadingCards = null;
    this.cardsAskedAgain = false;
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** Take a whole reader, unless a later one came first: answers and events overtake each other. */
  takeReader(told) {
    if (isBefore(told.position, this.now.position)) {
      return;
    }
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
      this.takeScreen(data);
      this.takeTime(data.clock);
    } else if (kind === "reader") {
      this.takeReader(data);
      this.loadCards();
    } else if (kind === "rewound") {
      this.takeScreen(data);
      this.tell(kind, data);
      this.load();
    } else if (PASSED_ON.includes(kind)) {
      this.tell(kind, data);
    }
  }

  /** Forget which screen is shown: the next one is shown whatever its number. */
  forget() {
    this.screen = { ...this.screen, revision: -1 };
  }

  /** Load the reader and its cards anew. */
  async load() {
    try {
      this.takeReader(await get(this.path));
      await this.loadCards();
    } catch {
      // The stream tells when the bench is back, and all is loaded then.
    }
  }

  /** Load the tray. What asks for it while it is being loaded gets it once more, and no oftener. */
  loadCards() {
    if (this.loadingCards) {
      this.cardsAskedAgain = true;
      return this.loadingCards;
    }
    this.loadingCards = this.fetchCards().finally(() => {
      this.loadingCards = null;
    });
    return this.loadingCards;
  }

  async fetchCards() {
    do {
      this.cardsAskedAgain = false;
      try {
        this.cards = (await get(`${this.path}/cards`)).cards;
        this.tell("cards", this.cards);
      } catch {
        // As above.
      }
    } while (this.cardsAskedAgain);
  }

  /** Load the time of the reader's clock. */
  async loadClock() {
    try {
      const clock = await get(`${this.path}/clock`);
      this.now = { ...this.now, clock };
      this.clockTakenAt = performance.now();
    } catch {
      // As above.
    }
  }

  takeTime(ms) {
    this.now = { ...this.now, clock: { ...this.now.clock, now: ms } };
    this.clockTakenAt = performance.now();
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
    // As fast as it can (0) has no speed: the clock then stands where it was last seen.
    return paused ? now : now + (performance.now() - this.clockTakenAt) * rate;
  }
}

/**
 * All readers of the bench. Events: "readers" (one more or less), "connection" (see `connection`), and
 * "problem" (`problem`: why the readers could not be loaded, or null).
 */
export class Bench extends EventTarget {
  constructor() {
    super();
    this.readers = new Map();
    this.connection = "connecting";
    this.problem = null;
    this.stream = null;
  }

  /** Load everything, and follow what happens from there on. */
  async start() {
    let position = await this.load();
    while (position === null) {
      await pause(TRY_AGAIN_MS);
      position = await this.load();
    }
    this.follow(position);
    // The words of exchanges come from the bench, in the language that the stream asked for.
    spoken.addEventListener("language", () => {
      this.stream.close();
      this.follow(this.stream.last);
      this.readers.forEach((reader) => reader.tell("reload"));
    });
  }

  /** Load the readers anew; those that are known keep their identity. Returns where their events go on, or null. */
  async load() {
    try {
      const told = await get("/v1/readers");
      this.keepOnly(told.readers);
      this.failed(null);
      await Promise.all([...this.readers.values()].map((reader) => reader.loadCards()));
      return told.position;
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  failed(problem) {
    if (this.problem !== problem) {
      this.problem = problem;
      this.dispatchEvent(new Event("problem"));
    }
  }

  keepOnly(told) {
    const names = told.map((each) => each.name);
    for (const [name, reader] of this.readers) {
      if (!names.includes(name)) {
        this.readers.delete(name);
        reader.tell("gone");
      }
    }
    for (const each of told) {
      const known = this.readers.get(each.name);
      if (known === undefined) {
        const added = new ReaderState(each);
        this.readers.set(each.name, added);
        added.loadCards();
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

  follow(position) {
    const stream = new Stream("/v1/events", (kind, data) => this.take(kind, data), (state) => {
      if (this.stream === stream) {
        this.connected(state);
      }
    }, position);
    this.stream = stream;
    stream.follow();
  }

  connected(state) {
    if (this.connection !== state) {
      this.connection = state;
      this.dispatchEvent(new Event("connection"));
    }
  }

  take(kind, data) {
    if (kind === "readers") {
      this.keepOnly(data.readers);
    } else if (kind === "missed") {
      this.reload();
    } else if (kind !== "gone") {
      this.readers.get(data.reader)?.take(kind, data);
    }
  }

  /** Load everything anew, for what happened meanwhile is not known: the bench may even be another one. */
  async reload() {
    this.readers.forEach((reader) => reader.forget());
    if ((await this.load()) === null) {
      return;
    }
    this.readers.forEach((reader) => reader.tell("reload"));
  }
}

/** Whether a place in the events ("EPOCH-NUMBER") comes before another of the same run of the bench. */
function isBefore(position, other) {
  const [epoch, at] = (position ?? "").split("-");
  const [otherEpoch, otherAt] = (other ?? "").split("-");
  return epoch === otherEpoch && Number(at) < Number(otherAt);
}
