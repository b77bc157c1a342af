// What the page knows of one reader. Events and answers both arrive here; each change is applied once.

import { get, post } from "./api.js";

const PASSED_ON = ["exchange", "fault", "rule", "snapshot", "progress"];

/**
 * One reader: what it was last known to be. Tells of changes by events:
 * "reader", "screen", "cards", "rewound", those passed on from the bench, "reload" and "gone"; by "keyboard" it
 * asks for the keys of the keyboard, by "guide" it tells what is to be done next.
 */
export class ReaderState extends EventTarget {
  constructor(told) {
    super();
    this.name = told.name;
    this.path = `/v1/readers/${encodeURIComponent(told.name)}`;
    this.now = told;
    this.screen = told.screen;
    this.cards = [];
    this.cardsKnown = false;
    this.clockTakenAt = performance.now();
    this.keys = [];
    this.pressing = null;
    this.loadingCards = null;
    this.cardsAskedAgain = false;
    this.guide = null;
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** Have the keys typed next go to the reader: what is done next is done at its keys. */
  takeKeyboard() {
    this.tell("keyboard");
  }

  /** Have the reader show what is to be done next: {label, told, go}; null when nobody says so. */
  showGuide(guide) {
    this.guide = guide;
    this.tell("guide");
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
        this.takeCards((await get(`${this.path}/cards`)).cards);
      } catch {
        // As above.
      }
    } while (this.cardsAskedAgain);
  }

  /** Take the tray. What was told already is not told again: somebody may be choosing among the cards. */
  takeCards(cards) {
    const same = this.cardsKnown && JSON.stringify(cards) === JSON.stringify(this.cards);
    this.cards = cards;
    this.cardsKnown = true;
    if (!same) {
      this.tell("cards", cards);
    }
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

/** Whether a place in the events ("EPOCH-NUMBER") comes before another of the same run of the bench. */
function isBefore(position, other) {
  const [epoch, at] = (position ?? "").split("-");
  const [otherEpoch, otherAt] = (other ?? "").split("-");
  return epoch === otherEpoch && Number(at) < Number(otherAt);
}
