// <tla-list-filters>: which lines of a list are wanted.

import { freshId, h, put, set } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany, spoken } from "../words.js";
import { dayInput } from "./day_input.js";

const TYPING_MS = 150;
const NARROW = "(max-width: 40rem)";
const FIELDS = ["owner", "patient", "recipient", "from", "to"];

/** What is asked for stays so while the page is open, whichever list is looked at. */
const wanted = Object.fromEntries(FIELDS.map((name) => [name, ""]));

/** The filters of the lists. Event: "change", when other lines are wanted. */
class ListFilters extends Part {
  draw() {
    const options = freshId("recipients");
    this.recipients = h("datalist", { id: options });
    this.owners = new Map([["", say("Everyone's")]]);
    this.fields = {
      owner: h("select", { class: "select" }),
      patient: h("input", { class: "input", type: "search", autocomplete: "off", maxlength: 200 }),
      recipient: h("input", { class: "input", type: "search", autocomplete: "off", maxlength: 200, list: options }),
      from: dayInput(),
      to: dayInput(),
    };
    this.all = h("button", { type: "button", class: "button button-small", onclick: () => this.clear() }, say("Without filters"));
    this.told = h("span", { class: "badge badge-warn" });
    this.folded = h("details", {},
      h("summary", {}, say("Filters"), " ", this.told),
      h("div", { class: "row lists-fields", oninput: (event) => this.changed(event.target.localName === "input") },
        field(say("Owner"), this.fields.owner), field(say("Patient's name"), this.fields.patient),
        field(say("Recipient"), this.fields.recipient), field(say("From"), this.fields.from), field(say("Up to"), this.fields.to),
        this.all), this.recipients);
    put(this, this.folded);
    const narrow = matchMedia(NARROW);
    this.listen(narrow, "change", () => this.fold(narrow.matches));
    this.listen(spoken, "language", () => this.showOwners());
    this.fold(narrow.matches);
    this.showOwners();
    this.show();
  }

  disconnectedCallback() {
    clearTimeout(this.waiting);
    super.disconnectedCallback();
  }

  /** What is asked for, as the server takes it. */
  get query() {
    return Object.fromEntries(FIELDS.filter((name) => wanted[name] !== "").map((name) => [name, wanted[name]]));
  }

  /** Offer the owners and recipients that a list has. */
  offer({ owners, recipients }) {
    const chosen = wanted.owner;
    this.owners = new Map([["", say("Everyone's")], ...(chosen === "" ? [] : [[chosen, this.owners.get(chosen) ?? chosen]]),
      ...owners.map(({ value, name, count }) => [value, `${name} (${count})`])]);
    this.showOwners();
    put(this.recipients, recipients.map(({ value }) => h("option", { value })));
  }

  showOwners() {
    const { owner } = this.fields;
    const options = [...this.owners].map(([value, name]) => h("option", { value }, name));
    if (options.map((each) => each.textContent).join("\n") !== [...owner.options].map((each) => each.textContent).join("\n")) {
      put(owner, options);
    }
    owner.value = wanted.owner;
  }

  clear() {
    FIELDS.forEach((name) => {
      this.fields[name].value = "";
    });
    this.changed(false);
    this.fields.patient.focus();
  }

  /** Ask for what the fields say; soon, while somebody is typing. */
  changed(typing) {
    FIELDS.forEach((name) => {
      const field = this.fields[name];
      wanted[name] = field.validity.valid ? field.value.trim() : "";
    });
    this.showCount();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.dispatchEvent(new Event("change")), typing ? TYPING_MS : 0);
  }

  show() {
    FIELDS.forEach((name) => {
      this.fields[name].value = wanted[name];
    });
    this.showCount();
  }

  showCount() {
    const count = Object.keys(this.query).length;
    this.told.hidden = count === 0;
    put(this.told, sayMany(count, "{count} in use", "{count} in use"));
    set(this.all, "disabled", count === 0);
  }

  /** On a narrow page the filters are behind their heading until they are wanted. */
  fold(narrow) {
    this.folded.open = !narrow;
  }
}

function field(label, control) {
  return h("label", { class: "field" }, h("span", {}, label), control);
}

customElements.define("tla-list-filters", ListFilters);
