// Long lists of which only the rows in sight are in the page. All rows have the same height.

const OVERSCAN = 8;
const FIRST_GUESS = 44;

/**
 * The rows of a long list in an element that scrolls.
 *
 * `make(item, place)` gives the row of an item, `key(item)` what tells it from others, `spacer()` an element
 * that takes the room of the rows out of sight. Set `items`, then call `render`.
 */
export class RowsInSight {
  items = [];
  made = new Map();
  height = FIRST_GUESS;

  constructor({ scroller, body, make, key, spacer, signal }) {
    Object.assign(this, { scroller, body, make, key });
    this.above = spacer();
    this.below = spacer();
    scroller.addEventListener("scroll", () => this.renderSoon(), { passive: true, signal });
    this.sizes = new ResizeObserver(() => this.renderSoon());
    this.sizes.observe(scroller);
    signal.addEventListener("abort", () => this.sizes.disconnect());
  }

  /** Draw in the next frame, once however often this is asked for. */
  renderSoon() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.render();
    });
  }

  /** Forget the rows made so far: the same items look otherwise now. */
  forget() {
    this.made.clear();
  }

  render() {
    const { items, scroller } = this;
    const first = Math.max(0, Math.floor(scroller.scrollTop / this.height) - OVERSCAN);
    const count = Math.ceil(scroller.clientHeight / this.height) + 2 * OVERSCAN;
    const start = Math.min(first, Math.max(0, items.length - count));
    const seen = items.slice(start, start + count);
    const rows = new Map(seen.map((item, at) => {
      const key = this.key(item);
      return [key, this.made.get(key) ?? this.make(item, start + at)];
    }));
    this.made = rows;
    this.above.style.setProperty("height", `${start * this.height}px`);
    this.below.style.setProperty("height", `${(items.length - start - seen.length) * this.height}px`);
    const wanted = [this.above, ...rows.values(), this.below];
    const now = this.body.children;
    if (now.length !== wanted.length || wanted.some((row, at) => now[at] !== row)) {
      this.body.replaceChildren(...wanted);
    }
    this.measure(rows);
  }

  measure(rows) {
    const [row] = rows.values();
    const height = row?.getBoundingClientRect().height ?? 0;
    if (height > 0 && Math.abs(height - this.height) > 0.5) {
      this.height = height;
      this.renderSoon();
    }
  }

  /** Keep what is in sight where it is when `count` rows at the beginning are gone. */
  droppedAbove(count) {
    if (count > 0) {
      this.scroller.scrollTop -= count * this.height;
    }
  }

  /** Scroll as little as brings a place into sight; `head` is what covers the top of the rows. */
  reveal(place, head = 0) {
    const top = place * this.height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) {
      this.scroller.scrollTop = top;
    } else if (top + this.height > scrollTop + clientHeight - head) {
      this.scroller.scrollTop = top + this.height - clientHeight + head;
    }
  }

  /** Return the row of an item, or null while it is out of sight. */
  rowOf(item) {
    return this.made.get(this.key(item)) ?? null;
  }
}

/** Return the place that a key leads to in a list of `count` rows of which `page` are in sight, or null. */
export function placeByKey(key, at, count, page) {
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? count - 1 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 }[key];
  return to === undefined || count === 0 ? null : Math.min(Math.max(to, 0), count - 1);
}
