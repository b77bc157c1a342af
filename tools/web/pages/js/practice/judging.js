// Which problems are shown: not yet those of fields that nobody came to, nor of the one that somebody is typing in.

/** What is known of the fields of a draft, by place. */
export class Judging {
  early = new Set();
  visited = new Set();
  typing = null;

  /** Judge a part only where somebody was in it. */
  spare(place) {
    this.early.add(place);
  }

  /** Take note of a change; a field that is `typed` in for the first time is judged when it is left. */
  change(place, typed) {
    if (!typed) {
      this.visited.add(place);
    } else if (!this.visited.has(place)) {
      this.typing = place;
    }
  }

  /** Take note that somebody left a field; returns whether it was the first time. */
  leave(place) {
    const first = !this.visited.has(place);
    this.typing = null;
    this.visited.add(place);
    return first;
  }

  /** Judge everything. */
  judgeAll() {
    this.typing = null;
    this.early.clear();
    this.visited.clear();
  }

  /** Take note that an item was taken out of a list: those behind it move up, and what is known of them with them. */
  takeOut(list, at) {
    for (const known of [this.early, this.visited]) {
      const places = [...known];
      known.clear();
      places.map((each) => movedUp(each, list, at)).filter((each) => each !== null).forEach((each) => known.add(each));
    }
  }

  /** Return the problems that are shown. */
  shown(problems) {
    const [early, visited] = [[...this.early], [...this.visited]];
    return problems.filter(({ place }) => !(this.typing !== null && within(this.typing, place))
      && (visited.some((each) => within(each, place)) || !early.some((each) => within(place, each))));
  }
}

/** Return whether a place is another one or within it. */
function within(place, other) {
  return place === other || place.startsWith(`${other}.`) || place.startsWith(`${other}[`);
}

function movedUp(place, list, at) {
  const [, index, rest] = place.startsWith(`${list}[`) ? /^(\d+)(.*)$/s.exec(place.slice(list.length + 1)) : [];
  if (index === undefined || Number(index) < at) {
    return place;
  }
  return Number(index) === at ? null : `${list}[${Number(index) - 1}${rest}`;
}
