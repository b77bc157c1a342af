// The practice as it is edited in this page. It stays while somebody goes between views, until it is saved.

import { get, post, upload } from "../api.js";
import { Judging } from "./judging.js";
import { newcomers } from "./newcomers.js";

const TYPING_MS = 250;
const MOST_KEPT = 20_000_000;
const FILE = "/v1/practice/file";

/** The sections of a practice file, in the order in which the page shows them. */
export const SECTIONS = ["practitioners", "staff", "patients", "prescribers", "funds", "invoices"];

/**
 * A draft. Events: "draft" (it has other content: draw it anew), "edited" (something in it was changed),
 * "checked" (`problems` are new), "elsewhere" (the practice was changed by somebody else meanwhile).
 */
class Draft extends EventTarget {
  practice = null;
  schema = null;
  version = null;
  numbers = {};
  problems = [];
  invoice = null;
  degraded = false;
  elsewhere = false;
  saving = false;
  file = null;
  write = false;
  written = null;
  codes = {};
  newcomers = [];
  unchecked = false;
  steps = [];
  judging = new Judging();
  asked = 0;

  /** Whether there are changes that the server does not have. */
  get changed() {
    return this.practice !== null && JSON.stringify(this.practice) !== this.saved;
  }

  /** What is checked: the practice, with the new invoice where one is being written. */
  get document() {
    return this.invoice === null ? this.practice : { ...this.practice, invoices: [...this.items("invoices"), this.invoice] };
  }

  /** The place of the new invoice in it. */
  get invoicePlace() {
    return `invoices[${this.items("invoices").length}]`;
  }

  /** The problems that are shown. */
  get shown() {
    return this.judging.shown(this.problems);
  }

  items(section) {
    return this.practice[section] ?? [];
  }

  /** Ask for the practice, unless it is here. */
  async open() {
    if (this.practice === null) {
      await this.load();
    }
  }

  /** Take the practice as the server has it now; changes to it are lost. */
  async load(written = null) {
    const told = await get(FILE);
    Object.assign(this, { practice: told.practice, schema: told.json_schema, version: told.version, numbers: told.next_numbers, file: told.file, codes: told.codes, written, elsewhere: false, newcomers: [], problems: [] });
    this.saved = JSON.stringify(told.practice);
    Object.assign(this, { steps: [], before: this.saved, step: null });
    this.judging.judgeAll();
    this.tell("draft");
  }

  /** Look whether somebody else changed the practice. */
  async look() {
    const told = await get(FILE);
    if (this.saving || this.practice === null) {
      return;
    }
    if (told.version === this.version) {
      this.numbers = told.next_numbers;
    } else if (this.changed) {
      this.elsewhere = true;
      this.tell("elsewhere");
    } else {
      await this.load();
    }
  }

  /** Put another practice in its place, as from a file. */
  take(practice) {
    Object.assign(this, { practice, problems: [] });
    this.keepStep(null);
    this.judging.judgeAll();
    this.tell("draft");
    this.checkSoon();
  }

  /** Say that something was changed, at a place; a field that is still `typed` in is not judged yet. */
  edited(place, typed = false) {
    this.judging.change(place, typed);
    if (this.invoice === null || !place.startsWith(this.invoicePlace)) {
      this.keepStep(place);
    }
    this.tell("edited");
    this.checkSoon();
  }

  /** Keep what there was before a change, for taking it back; typing in one field is one change. */
  keepStep(place) {
    if (place === null || place !== this.step) {
      this.steps.push(this.before);
      while (this.steps.length > 1 && this.steps.length * this.before.length > MOST_KEPT) {
        this.steps.shift();
      }
    }
    this.step = place;
    this.before = JSON.stringify(this.practice);
  }

  /** Take the last change back. */
  stepBack() {
    this.before = this.steps.pop();
    this.step = null;
    this.practice = JSON.parse(this.before);
    this.judging.judgeAll();
    this.tell("draft");
    this.checkSoon();
  }

  /** Say that somebody was at a field. */
  touch(place) {
    if (this.judging.leave(place) && !this.unchecked) {
      this.tell("checked");
    }
  }

  /** Have it checked once nothing more is typed. That the server does not answer is told elsewhere. */
  checkSoon() {
    this.unchecked = true;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check().catch(() => {}), TYPING_MS);
  }

  /** Have the whole checked; returns what is wrong. The last answer counts. */
  async check() {
    clearTimeout(this.waiting);
    this.asked += 1;
    const mine = this.asked;
    const told = await checkFile(JSON.stringify(this.document));
    if (mine === this.asked) {
      this.problems = told.problems;
      this.unchecked = false;
      this.tell("checked");
    }
    return told.problems;
  }

  /** Have the server work with it from now on. */
  async save() {
    this.saving = true;
    try {
      const { written } = await upload(`${FILE}?version=${this.version}&write=${this.write}`, JSON.stringify(this.practice), { method: "PUT" });
      const added = newcomers(JSON.parse(this.saved), this.practice);
      await this.load(written);
      this.newcomers = added;
      this.tell("edited");
    } finally {
      this.saving = false;
    }
  }

  /** Add the new invoice to the practice, which is asked for anew when it is next opened; returns it. */
  async add() {
    const { invoice } = this;
    await post("/v1/practice/invoices", { version: this.version, invoice, write: this.write });
    clearTimeout(this.waiting);
    Object.assign(this, { practice: null, invoice: null, degraded: false });
    return invoice;
  }

  tell(kind) {
    this.dispatchEvent(new Event(kind));
  }
}

/** Return what is wrong with the text or the bytes of a practice file: {problems, complete}. */
export function checkFile(content) {
  return upload("/v1/practice/check", content);
}

/** Return the text of a file that the server found sound: UTF-8 or UTF-16, as it takes both. */
export async function readText(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  const wide = (first === 0xff && second === 0xfe) || second === 0 ? "utf-16le" : (first === 0xfe && second === 0xff) || first === 0 ? "utf-16be" : "utf-8";
  return new TextDecoder(wide).decode(bytes);
}

/** The one draft of this page. */
export const draft = new Draft();

addEventListener("beforeunload", (event) => draft.changed && event.preventDefault());
