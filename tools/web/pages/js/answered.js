// <tla-answered>: what came back for a command sent from the page: status, what it means, data.

import { h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { toldAgain } from "./trace_store.js";
import { isError } from "./trace_words.js";
import { say, spoken } from "./words.js";

class Answered extends Part {
  exchange = null;

  draw() {
    this.classList.add("answered");
    set(this, "role", "status");
    this.listen(spoken, "language", async () => {
      const { exchange } = this;
      if (exchange !== null) {
        const told = await toldAgain(this.reader, exchange);
        if (this.exchange === exchange) {
          this.show(told);
        }
      }
    });
  }

  /** Show an exchange, or nothing for null. */
  show(exchange) {
    this.exchange = exchange;
    put(this, exchange === null ? [] : [
      h("span", { class: isError(exchange.word) ? "badge badge-danger" : "badge badge-ok" }, exchange.word ?? say("no answer")), " ",
      h("span", {}, exchange.meaning), " ", h("code", { class: "mono hex" }, spaced(exchange.response ?? "")),
    ]);
  }
}

/** Return hex digits in pairs. */
function spaced(hex) {
  return hex.replace(/(..)(?=.)/g, "$1 ");
}

customElements.define("tla-answered", Answered);
