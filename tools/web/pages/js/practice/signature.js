// The digitised signature of an owner of invoices: registered by a file, shown, and switched on and off.

import { blob, get, put as send } from "../api.js";
import { openDialog } from "../dialog.js";
import { freshId, h, put, set } from "../markup.js";
import { Part } from "../part.js";
import { say } from "../words.js";
import { uploadFile } from "./attach.js";
import { choice } from "./choice.js";
import { dropZone } from "./drop.js";

const IMAGES = ".jpg,.jpeg,.png";

/** Return a button that opens the signature of the owner with a billing number, called `name`; `look` adds a class. */
export function signatureButton(practice, owner, name, look = "") {
  const act = `signature-${owner}`;
  return h("button", {
    type: "button", class: `button ${look}`, "data-act": act, "aria-haspopup": "dialog",
    onclick: () => openSignature(practice, owner, name).addEventListener("close", () => document.querySelector(`[data-act=${act}]`)?.focus()),
  }, say("Scan the signature…"));
}

function openSignature(practice, owner, name) {
  const signature = Object.assign(document.createElement("tla-signature"), { practice, owner, name });
  const dialog = openDialog(say("Digitised signature"), () => signature, { closable: true });
  dialog.classList.add("signature-dialog");
  signature.ask();
  return dialog;
}

class Signature extends Part {
  practice = null;
  owner = "";
  source = null;
  shownAs = "";

  get path() {
    return `/v1/practice/signatures/${this.owner}`;
  }

  draw() {
    const title = freshId("signature");
    this.classList.add("pieces-part");
    set(this, "role", "region");
    set(this, "aria-labelledby", title);
    this.heading = h("h3", { class: "part-title", id: title }, say("Digitised signature"));
    this.picture = h("img", { class: "signature-picture", hidden: true });
    this.state = h("p", { class: "quiet", role: "status" });
    this.on = h("div", {});
    put(this, this.heading, h("div", { "data-notice": "" }), this.picture, this.state, this.on,
      dropZone({ label: say("Scan the signature…"), hint: say("JPEG or PNG, on white paper; or drop it here"), accept: IMAGES, take: ([file]) => this.register(file) }));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.forget();
  }

  /** Ask how it stands, where nobody else tells it. */
  async ask() {
    const told = await this.read(() => get(this.path));
    if (told !== null && this.isConnected) {
      this.take(told);
    }
  }

  /** Show how it stands: {registered, switched_on}, of the owner called `name`. */
  take({ registered, switched_on: on }, name = this.name) {
    this.name = name;
    put(this.heading, say("Digitised signature of {name}", { name }));
    put(this.state, registered ? null : say("None is registered: the care sheet is signed by hand and sent on paper."));
    this.state.hidden = registered;
    const focused = this.on.contains(document.activeElement);
    const made = choice({
      name: "signature", label: say("Care sheets carry it, in SCOR format"), chosen: on && registered, possible: registered,
      reason: say("Register a signature first"), change: (wanted) => this.switch(wanted),
    });
    put(this.on, made);
    if (focused) {
      made.input.focus();
    }
    set(this.picture, "alt", say("Signature of {name}", { name }));
    if (registered && this.source === null) {
      this.showPicture();
    }
  }

  async showPicture() {
    const picture = await this.read(() => blob(`${this.path}/image.png`));
    if (picture !== null && this.isConnected) {
      this.forget();
      this.source = URL.createObjectURL(picture);
      set(this.picture, "src", this.source);
      this.picture.hidden = false;
    }
  }

  forget() {
    if (this.source !== null) {
      URL.revokeObjectURL(this.source);
      this.source = null;
    }
  }

  async register(file) {
    const told = await this.attempt(() => uploadFile(`${this.path}?${new URLSearchParams({ name: file.name })}`, file, { method: "PUT" }));
    if (told !== null) {
      this.forget();
      this.take(told);
    }
  }

  async switch(wanted) {
    const told = await this.attempt(() => send(`${this.path}/on`, { on: wanted }));
    this.take(told ?? { registered: true, switched_on: !wanted });
  }
}

customElements.define("tla-signature", Signature);
