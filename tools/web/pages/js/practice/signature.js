// The digitised signature of an invoice's owner: registered by a file, shown, and switched on and off.

import { blob, put as send } from "../api.js";
import { freshId, h, put, set } from "../markup.js";
import { Part } from "../part.js";
import { say } from "../words.js";
import { uploadFile } from "./attach.js";
import { choice } from "./choice.js";
import { dropZone } from "./drop.js";

const IMAGES = ".jpg,.jpeg,.png";

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
