// <tla-practice-home>: the way to billing, who is at the reader, the reader itself, work under way, and what waits in each list.

import { post } from "../api.js";
import { euros } from "../amounts.js";
import { SLOTS, cardFace, kindName, slotName } from "../cards.js";
import { freshId, h, put, set } from "../markup.js";
import { say, sayMany, spoken } from "../words.js";
import { handButton } from "./at_hand.js";
import { beginBilling, patientThere } from "./billing_menu.js";
import { cardHands } from "./card_hand.js";
import { askCode, triesLeft } from "./code_dialog.js";
import { listTitle } from "./list_names.js";
import "./partial_banner.js";
import { inHandButton } from "./reader_in_hand.js";
import { View } from "./view.js";
import { signatureButton } from "./signature.js";
import { linkTo } from "./views.js";
import { vitaleInSlot } from "./vitale_in_slot.js";
import { showProgress, workTold } from "../work_words.js";

class Home extends View {
  draw() {
    this.unknown = h("p", { class: "quiet" });
    this.slots = new Map([...SLOTS].reverse().map((slot) => [slot, h("div", {})]));
    this.who = h("div", { class: "home-who" }, this.unknown, [...this.slots].map(([slot, words]) =>
      h("div", { class: "slot-line" }, h("h3", { class: "slot-title" }, slotName(slot)), words, cardHands(this.practice, [slot]))));
    this.device = h("div", { class: "home-reader" });
    this.work = h("div", {});
    this.waits = h("div", {});
    this.working = card(say("Work under way"), this.work);
    const beside = freshId("bill");
    this.bill = h("button", {
      type: "button", class: "button button-primary", "aria-describedby": beside,
      onclick: () => this.bill.getAttribute("aria-disabled") === null && beginBilling(this.practice),
    }, say("Bill"));
    this.beside = h("p", { class: "quiet", id: beside });
    put(this, h("div", { "data-notice": "" }), document.createElement("tla-partial-banner"), h("div", { class: "row home-bill" }, this.bill, this.beside), this.working,
      h("div", { class: "home-cards" },
        h("div", { class: "home-side" }, card(say("Who is at the reader"), this.who), card(say("The reader"), this.device, (this.hand = inHandButton(this.practice)))),
        card(say("What waits"), this.waits)));
    this.listen(this.practice, "home", () => this.show());
    this.listen(this.practice, "reader", () => this.show());
    this.listen(this.practice, "work", ({ detail }) => this.showWork(detail));
    this.listen(spoken, "language", () => this.show());
    this.show();
  }

  show() {
    const { home } = this.practice;
    this.working.hidden = (home?.work ?? []).length === 0;
    this.showBill();
    if (home === null) {
      [this.unknown, this.device, this.waits].forEach((each) => put(each, h("p", { class: "quiet" }, say("Loading…"))));
      return;
    }
    this.showWho(home.reader);
    put(this.device, this.theReader(home.reader));
    put(this.waits, whatWaits(home));
    const own = home.work.find((each) => each.reader === this.practice.reader?.name);
    put(this.work, home.work.map((each) => this.drawWork(each, each === own)));
  }

  /** Billing takes a card in the PS slot; what else is missing, an invoice's summary says. */
  showBill() {
    const why = whyNotToBill(this.practice.home);
    const patient = patientThere(this.practice);
    set(this.bill, "aria-disabled", why === null ? null : "true");
    put(this.beside, why ?? (patient === "" ? say("Choose or write the invoice, then bill it.") : say("Invoices of {name}", { name: patient })));
  }

  drawWork(work, own) {
    const told = h("p", {}, work.reader ? h("span", { class: "badge" }, work.reader) : null, " ", h("span", {}, workTold(work)));
    const bar = h("progress", { class: "home-bar", "aria-label": say("Progress") });
    showProgress(bar, work);
    if (own) {
      this.ownWork = { told: told.lastChild, bar };
    }
    const beside = own && work.stage === "code" ? h("p", {}, inHandButton(this.practice)) : null;
    return [told, bar, beside];
  }

  showWork(work) {
    const own = this.ownWork;
    if (own?.bar.isConnected && work.stage === "under-way") {
      put(own.told, workTold(work));
      showProgress(own.bar, work);
    }
  }

  showWho(reader) {
    const unknown = whyUnknown(reader);
    const { tried } = this.practice;
    put(this.unknown, unknown);
    this.unknown.hidden = unknown === null;
    put(this.slots.get("ps"), unknown === null ? psCard(reader, tried, () => this.tryCard(), this.practice) : null);
    put(this.slots.get("vitale"), unknown === null ? vitale(reader, this.practice) : null);
    this.who.classList.toggle("home-who-known", unknown === null);
  }

  theReader(reader) {
    this.hand.hidden = reader === null;
    if (reader === null && this.practice.reader !== null) {
      return h("p", { class: "quiet" }, say("Loading…"));
    }
    if (reader === null) {
      return h("p", {}, say("There is no reader on the bench."), " ", h("a", { href: "/" }, say("Make one on the bench")));
    }
    return [
      reader.problem === null ? null : this.whyNot(reader.problem),
      reader.opened === null ? null : callout(reader.opened),
      facts([
        [say("Name"), [reader.name, reader.serial ? h("span", { class: "quiet" }, " · ", reader.serial) : null]],
        [say("Version"), reader.version && h("strong", {}, reader.version)],
        [say("Owners"), reader.version && (reader.several_owners ? say("several at a time") : say("one at a time"))],
        [say("On board"), reader.version && sayMany(reader.invoices, "{count} invoice, of {most} at most", "{count} invoices, of {most} at most", { most: reader.most_invoices })],
      ]),
    ];
  }

  /** Say why the reader does not answer; what a hand at the bench would do about it is done from here. */
  whyNot({ detail, action, code }) {
    const hand = handButton(this, this.practice);
    return callout({ detail, action: hand === null ? action : "", code }, hand);
  }

  async tryCard() {
    const { reader } = this.practice;
    const tried = await askCode(this.practice, {
      title: say("Check the card"), act: say("Check"),
      text: say("The card is asked whether this is its code; with a Vitale in the other slot, the rights on it are read, too."),
      order: (how) => post("/v1/practice/card", { reader: reader.name, ...how }),
    });
    if (tried !== null) {
      this.practice.keepTried(tried);
      this.querySelector("[data-act=try]")?.focus();
    }
  }
}

function whyNotToBill(home) {
  const reader = home?.reader ?? null;
  if (home === null) {
    return say("Loading…");
  }
  if (reader === null) {
    return say("There is no reader on the bench.");
  }
  return reader.problem?.detail ?? reader.ps_problem?.detail ?? (reader.ps === null ? say("Insert a CPS or a CPE to bill.") : null);
}

/** Why it is not known what is in the slots, or null. */
function whyUnknown(reader) {
  if (reader === null || reader.problem !== null) {
    return say("The cards are read once the reader answers.");
  }
  return reader.asked || reader.version !== "" ? null : say("The cards are read once the work under way is done.");
}

function psCard({ ps, ps_problem: problem }, tried, tryCard, practice) {
  if (problem !== null) {
    return callout(problem);
  }
  if (ps === null) {
    return h("p", { class: "quiet" }, say("No card is in the PS slot."));
  }
  const verified = tried?.ps.serial === ps.serial;
  return h("div", { class: "slot-card" }, h("span", { "aria-hidden": "true" }, cardFace({ kind: ps.card, holder: ps.holder })), h("div", { class: "slot-words" },
    h("p", { class: "slot-holder" }, ps.holder),
    h("p", { class: "quiet" }, kindName(ps.card), " · ", roleTold(ps.role)),
    h("p", { class: "slot-badges" },
      h("span", { class: ps.tries_left === 3 ? "badge" : ps.tries_left === 0 ? "badge badge-danger" : "badge badge-warn" }, triesLeft(ps.tries_left)),
      verified ? h("span", { class: "badge badge-ok" }, "✓ ", say("code checked")) : null),
    h("button", { type: "button", class: "button", "data-act": "try", onclick: tryCard }, verified ? say("Check again…") : say("Check its code…")),
    ps.role === "owner" ? ps.owns.map((owner) => signatureButton(practice, owner, ps.holder)) : null));
}

function vitale({ vitale: present }, practice) {
  if (!present) {
    return h("p", { class: "quiet" }, say("No card is in the Vitale slot."));
  }
  const { names: [holder = "", ...others], read } = vitaleInSlot(practice);
  const words = [h("p", { class: "slot-holder" }, holder || say("A card is in the slot"))];
  if (read) {
    const { with_rights: valid } = practice.tried.vitale;
    words.push(
      others.length > 0 ? h("p", { class: "quiet" }, say("with {names}", { names: others.join(", ") })) : null,
      h("p", { class: "slot-badges" }, h("span", { class: valid > 0 ? "badge badge-ok" : "badge badge-warn" }, sayMany(valid, "{count} with rights today", "{count} with rights today"))));
  } else {
    words.push(h("p", { class: "quiet" }, say("Its rights are read once the code of the PS card is given.")));
  }
  return h("div", { class: "slot-card" },
    h("span", { "aria-hidden": "true" }, cardFace({ kind: "vitale", holder: holder || "…" })),
    h("div", { class: "slot-words" }, words));
}

function roleTold(role) {
  return {
    owner: say("full signature of the owner's invoices"),
    employee: say("partial certification; the owner signs later"),
    other: say("another professional's: partial certification"),
  }[role];
}

function whatWaits(home) {
  const rows = [
    [linkTo("invoices", [], say("Invoices to bill or load")), home.prepared],
    ...home.lists.map((each) => [linkTo("lists", [each.list], listTitle(each.list)), each]),
    [linkTo("lists", ["rejected"], listTitle("rejected")), home.rejected],
  ];
  return [
    h("table", { class: "table home-table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("List")), h("th", { scope: "col", class: "list-end" }, say("Number")), h("th", { scope: "col", class: "list-end" }, say("Total")))),
      h("tbody", {}, rows.map(([name, { count, total }]) => h("tr", { class: count === 0 ? "home-none" : null },
        h("th", { scope: "row" }, name), h("td", { class: "list-end" }, count), h("td", { class: "list-end" }, euros(total)))))),
    h("h3", { class: "slot-title" }, linkTo("signature", [], say("Final signatures"))),
    home.to_sign.length === 0
      ? h("p", { class: "quiet" }, say("Nothing waits for a final signature"))
      : h("ul", { class: "home-signers" }, home.to_sign.map(({ name, count }) => h("li", {},
        h("span", {}, say("CPS of {name}", { name })), " ", h("span", { class: "badge badge-warn" }, count)))),
  ];
}

function card(title, ...inside) {
  const id = freshId("card");
  return h("section", { class: "home-card", "aria-labelledby": id }, h("h2", { class: "part-title", id }, title), ...inside);
}

function callout({ detail, action, code }, hand = null) {
  return h("div", { class: "callout", "data-code": code }, h("p", {}, h("strong", {}, detail)), action ? h("p", {}, action) : null, hand);
}

function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(([, told]) => told).map(([name, told]) => h("div", {}, h("dt", {}, name), h("dd", {}, told))));
}

customElements.define("tla-practice-home", Home);
