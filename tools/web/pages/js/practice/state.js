// What the page knows of the practice: the chosen reader, who is at it, and what waits.

import { get } from "../api.js";
import { keep, kept } from "../words.js";

const KEPT = "reader";
const WATCHED = ["reader", "rewound", "reload"];

/**
 * The practice. Events: "home" (`home` is new, or `problem`), "reader" (another reader is chosen), "changed"
 * (what the practice holds may have changed: ask for it again), and "work" (`detail` says how far a piece of
 * work with the chosen reader is).
 */
export class PracticeState extends EventTarget {
  home = null;
  problem = null;
  reader = null;
  tried = null;
  /** The name of the reader that was worked with and is no longer on the bench, or null. */
  lost = null;

  constructor(bench) {
    super();
    this.bench = bench;
    this.wanted = kept(KEPT);
    bench.addEventListener("readers", () => this.takeReaders());
    bench.addEventListener("practice", () => this.changed());
    bench.addEventListener("connection", () => bench.connection === "open" && this.changed());
    this.takeReaders();
  }

  /** The day ("2019-03-05") of the reader's clock, which in the field is the workstation's; without one, of this machine's. */
  get today() {
    const now = this.reader === null ? Date.now() - new Date().getTimezoneOffset() * 60_000 : this.reader.clockNow();
    return new Date(now).toISOString().slice(0, 10);
  }

  /** Work with another reader from now on. */
  choose(name) {
    keep(KEPT, name);
    this.wanted = name;
    this.takeReaders();
  }

  /** Ask who is at the reader and what waits, once however often this is wanted meanwhile. */
  refresh() {
    if (this.asking) {
      this.again = true;
      return this.asking;
    }
    this.asking = this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** Say that what the practice holds may have changed. */
  changed() {
    this.tell("changed");
    this.refresh();
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  takeReaders() {
    const { readers } = this.bench;
    const found = readers.get(this.wanted) ?? readers.values().next().value ?? null;
    if (found === this.reader) {
      return;
    }
    this.lost = this.reader === null || readers.has(this.reader.name) ? null : this.reader.name;
    this.left?.abort();
    this.left = new AbortController();
    this.reader = found;
    this.tried = null;
    this.home = this.home === null ? null : { ...this.home, reader: null };
    if (found !== null) {
      const { signal } = this.left;
      WATCHED.forEach((kind) => found.addEventListener(kind, () => this.takeReader(), { signal }));
      found.addEventListener("progress", ({ detail }) => this.takeWork(detail), { signal });
      found.addEventListener("gone", () => this.takeReaders(), { signal });
    }
    this.tell("reader");
    this.refresh();
  }

  takeReader() {
    if (this.tried !== null && this.tried.slots !== this.slots()) {
      this.tried = null;
    }
    this.refresh();
  }

  takeWork(work) {
    if (work.action === "look") {
      return;
    }
    this.tell("work", work);
    if (work.stage !== "under-way") {
      this.refresh();
    }
  }

  /** Keep what a card whose code was verified says, until a card is moved. */
  keepTried(told) {
    this.tried = { ...told, slots: this.slots() };
    this.tell("home");
  }

  slots() {
    return JSON.stringify(this.reader?.now.slots ?? null);
  }

  async ask() {
    do {
      this.again = false;
      const asked = this.reader;
      try {
        const home = await get(asked === null ? "/v1/practice/home" : `/v1/practice/home?reader=${encodeURIComponent(asked.name)}`);
        if (asked === this.reader) {
          this.home = this.withKnown(home);
          this.problem = null;
        }
      } catch (error) {
        this.problem = asked === this.reader ? error : null;
      }
      this.tell("home");
    } while (this.again);
  }

  /** While the practice is at work with the reader it cannot be asked: what it said before still holds. */
  withKnown(home) {
    const before = this.home?.reader;
    const same = before && home.reader && !home.reader.asked && before.name === home.reader.name;
    return same ? { ...home, reader: { ...before, asked: false } } : home;
  }
}
