// Rows of a long list that lives at the server: asked for in windows, of which only some are kept.

const WINDOW = 100;
const MOST_KEPT = 12;

/**
 * The rows of a list. `fetch({start, limit}, signal)` gives {count, rows}; `came(first, last)` is called when
 * rows are there, `failed(error)` when they did not come.
 */
export class RowWindows {
  count = 0;
  kept = new Map();
  asked = new Map();
  begun = null;

  constructor({ fetch, came, failed }) {
    Object.assign(this, { fetch, came, failed });
  }

  /** Forget everything, and ask for the rows around a place anew. Resolves once they are there. */
  async begin(place = 0) {
    this.stop();
    const at = Math.floor(place / WINDOW);
    await this.ask(at, true);
  }

  /** Ask for nothing more. */
  stop() {
    this.asked.forEach((each) => each.abort());
    this.asked.clear();
  }

  /** Return the row at a place, or undefined while it is not there. */
  row(place) {
    return this.kept.get(Math.floor(place / WINDOW))?.[place % WINDOW];
  }

  /** Have the rows from `first` to `last`, and drop those that are far from sight. */
  want(first, last) {
    const windows = [];
    for (let at = Math.floor(first / WINDOW); at <= Math.floor(Math.max(first, last) / WINDOW); at += 1) {
      windows.push(at);
    }
    for (const [at, asking] of this.asked) {
      // What was begun anew says how long the list is now: it is wanted wherever somebody scrolls meanwhile.
      if (!windows.includes(at) && asking !== this.begun) {
        asking.abort();
        this.asked.delete(at);
      }
    }
    windows.forEach((at) => {
      const rows = this.kept.get(at);
      if (rows !== undefined) {
        this.kept.delete(at);
        this.kept.set(at, rows);
      } else if (!this.asked.has(at)) {
        this.ask(at, false);
      }
    });
  }

  async ask(at, anew) {
    const asking = new AbortController();
    this.asked.set(at, asking);
    this.begun = anew ? asking : this.begun;
    try {
      const { count, rows } = await this.fetch({ start: at * WINDOW, limit: WINDOW }, asking.signal);
      if (asking.signal.aborted) {
        return;
      }
      if (anew) {
        this.kept.clear();
      }
      this.count = count;
      this.kept.set(at, rows);
      while (this.kept.size > MOST_KEPT) {
        this.kept.delete(this.kept.keys().next().value);
      }
      this.came(at * WINDOW, at * WINDOW + rows.length - 1, anew);
    } catch (error) {
      if (error.name !== "AbortError") {
        this.failed(error);
      }
    } finally {
      if (this.asked.get(at) === asking) {
        this.asked.delete(at);
      }
    }
  }
}
