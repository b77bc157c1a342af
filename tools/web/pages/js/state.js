// What the page knows of the bench: its readers, and whether it answers.

import { get, pause, post } from "./api.js";
import { ReaderState } from "./reader_state.js";
import { Stream } from "./stream.js";
import { spoken } from "./words.js";

const TRY_AGAIN_MS = 1000;

/**
 * All readers of the bench. Events: "readers" (one more or less), "connection" (see `connection`), "practice"
 * (what the practice holds may have changed), and "problem" (`problem`: why the readers could not be loaded, or
 * null).
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
    } else if (kind === "practice") {
      this.dispatchEvent(new Event("practice"));
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
