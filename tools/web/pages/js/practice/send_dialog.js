// The dialog that sends files: into a folder or by e-mail. It keeps where in this browser, and never a password.

import { Problem, post } from "../api.js";
import { openDialog } from "../dialog.js";
import { freshId, h, put, set } from "../markup.js";
import { all, keep, kept, say, sayMany } from "../words.js";
import { choice } from "./choice.js";
import { forgetWord, tellWord } from "./last_word.js";

const KEPT = "sending";
const MAIL = ["server", "sender", "to", "user"];
const OF_FOLDER = ["folder-refused", "outbox-unusable", "outbox-conflict"];

/**
 * Ask where files are to be sent, and send them one after the other. `again` sends the same message once more,
 * by e-mail alone. What was sent, and where to, is then told in `place`.
 */
export function sendFiles(practice, files, place, { again = false } = {}) {
  const asking = new SendDialog(practice, files, again);
  asking.dialog.addEventListener("close", () => tellSent(place, asking.sent));
}

/** Send a file into a folder, without asking; what was sent is told in `place`. */
export async function sendToFolder(practice, identity, folder, place) {
  const done = await post(`/v1/practice/files/${identity}/send`, { folder, ...follower(practice) });
  tellSent(place, [{ identity, folder }]);
  return done;
}

/** Say which files were sent, and where to; the focus goes there, before what is left to send. */
function tellSent(place, sent) {
  const files = (where) => all(sent.filter(where).map(({ identity }) => identity));
  const folders = [...new Set(sent.map(({ folder }) => folder).filter(Boolean))];
  const addresses = [...new Set(sent.map(({ to }) => to).filter(Boolean))];
  if (sent.length > 0) {
    tellWord(place,
      folders.map((folder) => h("p", {}, sayMany(sent.filter((each) => each.folder === folder).length,
        "{count} file sent into the folder {folder}: {files}", "{count} files sent into the folder {folder}: {files}", { folder, files: files((each) => each.folder === folder) }))),
      addresses.map((to) => h("p", {}, sayMany(sent.filter((each) => each.to === to).length,
        "{count} file sent by e-mail to {to}: {files}", "{count} files sent by e-mail to {to}: {files}", { to, files: files((each) => each.to === to) }))));
    set(place, "tabindex", "-1");
    place.focus();
  }
}

class SendDialog {
  sent = [];

  constructor(practice, files, again) {
    Object.assign(this, { practice, files: [...files], again });
    forgetWord();
    const before = lastWay();
    const proposed = before.folder ? { path: before.folder, what: "last" } : practice.home?.send_folder ?? { path: "", what: "" };
    const form = freshId("send");
    this.by = again ? "mail" : before.by ?? "folder";
    this.dialog = openDialog(again ? say("Send the same message again") : sayMany(files.length, "Send {count} file", "Send {count} files"), () => [
      (this.told = h("div", {})),
      h("form", { id: form, class: "form", autocomplete: "off", onsubmit: (event) => this.submit(event) },
        again ? null : h("div", { class: "row" }, this.way("folder", say("Into a folder")), this.way("mail", say("By e-mail"))),
        (this.folder = h("div", { class: "form" }, this.field("folder", say("Folder"), { folder: proposed.path }, { hint: folderHint(proposed.what) }))),
        (this.mail = h("div", { class: "form" },
          this.field("server", say("Mail server"), before, { hint: say("HOST, HOST:PORT or smtps://HOST; port 587 unless given.") }),
          this.field("sender", say("Sender's address"), before),
          this.field("to", say("Recipient's address"), before),
          this.field("user", say("User name, if the server wants a login"), before),
          this.field("password", say("Password"), {}, { type: "password", hint: say("It goes to the mail server and is kept nowhere.") }),
          (this.needTls = choice({ label: say("Refuse a server without TLS"), name: "need-tls", chosen: before.need_tls ?? false }))))),
      (this.going = h("p", { class: "quiet files-busy", role: "status" })),
      (this.refusal = h("div", { role: "alert" })),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, say("Close")),
        (this.go = h("button", { type: "submit", form, class: "button button-primary" }, say("Send")))),
    ]);
    this.showWay();
    this.showFiles();
    this.input(this.by === "folder" ? "folder" : "server").focus();
  }

  way(name, label) {
    return choice({ kind: "radio", group: "sending-by", name, label, chosen: this.by === name, change: () => this.showWay(name) });
  }

  field(name, label, before, { type = "text", hint = null } = {}) {
    const [id, told] = [freshId("field"), freshId("hint")];
    return h("div", { class: "field" }, h("label", { for: id }, label),
      h("input", {
        class: "input", id, type, name, value: before[name] ?? "", autocomplete: type === "password" ? "new-password" : "off", maxlength: name === "folder" ? 4096 : 255,
        spellcheck: "false", "aria-describedby": hint === null ? null : told,
      }),
      hint === null ? null : h("span", { class: "quiet", id: told }, hint));
  }

  input(name) {
    return this.dialog.querySelector(`input[name="${name}"]`);
  }

  showWay(by = this.by) {
    this.by = by;
    this.folder.hidden = by !== "folder";
    this.mail.hidden = by !== "mail";
  }

  showFiles() {
    put(this.told, h("ul", { class: "files-told" }, this.files.map(({ identity, recipient }) => h("li", {}, h("span", { class: "mono" }, identity), " · ", recipient))));
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy) {
      return;
    }
    this.showRefusal(null);
    const empty = this.needed.find((name) => this.input(name).value.trim() === "");
    if (empty !== undefined) {
      this.showRefusal(new Problem({ folder: say("Write the folder's whole path"), server: say("Write the mail server"), sender: say("Write the sender's address"), to: say("Write the recipient's address") }[empty]), empty);
      return;
    }
    this.busy = true;
    set(this.go, "aria-busy", "true");
    const order = this.order();
    this.input("password").value = "";
    try {
      while (this.files.length > 0) {
        put(this.going, say("Sending file {file}…", { file: this.files[0].identity }));
        await post(`/v1/practice/files/${this.files[0].identity}/send`, order);
        this.sent.push({ identity: this.files.shift().identity, ...(order.folder ? { folder: order.folder } : { to: order.mail.to }) });
      }
      this.dialog.close();
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
      put(this.going);
      set(this.go, "aria-busy", null);
    }
  }

  order() {
    const given = Object.fromEntries(["folder", ...MAIL].map((name) => [name, this.input(name).value.trim()]));
    const { folder, ...route } = given;
    keep(KEPT, JSON.stringify({ ...given, folder: this.by === "folder" ? folder : lastWay().folder, by: this.by, need_tls: this.needTls.input.checked }));
    if (this.by === "folder") {
      return { folder, ...follower(this.practice) };
    }
    const password = this.input("password").value;
    return {
      mail: { ...route, need_tls: this.needTls.input.checked, ...(password ? { password } : {}) },
      ...(this.again ? { again: true } : {}), ...follower(this.practice),
    };
  }

  failed(error) {
    if (!this.dialog.open) {
      return;
    }
    const problem = error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again"));
    this.showFiles();
    this.showRefusal(problem, this.by === "folder" && OF_FOLDER.includes(problem.code) ? "folder" : null);
  }

  /** The fields that cannot be empty. */
  get needed() {
    return this.by === "folder" ? ["folder"] : ["server", "sender", "to"];
  }

  /** Show why nothing goes: at the field that is to be changed, which gets the focus, or at the end; or take it away. */
  showRefusal(problem, name = null) {
    this.dialog.querySelectorAll("[aria-invalid]").forEach((each) => set(each, "aria-invalid", null));
    put(this.refusal, problem === null ? null : h("div", { class: "notice" },
      this.sent.length > 0 ? h("p", {}, sayMany(this.sent.length, "{count} file was sent before.", "{count} files were sent before.")) : null,
      h("p", { class: "notice-message" }, problem.told), problem.action ? h("p", {}, problem.action) : null));
    const field = name === null ? null : this.input(name);
    (field === null ? this.going : field.parentElement).after(this.refusal);
    if (field !== null) {
      set(field, "aria-invalid", "true");
      field.focus();
      field.select();
    }
  }
}

/** Say what the folder is for, and which one stands there at first. */
function folderHint(what) {
  const proposed = {
    last: say("Proposed: the folder used last."),
    outbox: say("Proposed: the ledger's own folder for what leaves."),
    ledger: say("Proposed: the folder that the ledger is in."),
    home: say("Proposed: the home folder of whoever runs the server."),
  }[what];
  return [say("The file is put there, on the machine that the server runs on; give its whole path."), proposed === undefined ? null : [" ", proposed]];
}

/** Who follows the reader sees that sending is under way. */
function follower({ reader }) {
  return reader === null ? {} : { reader: reader.name };
}

function lastWay() {
  try {
    const told = JSON.parse(kept(KEPT) ?? "{}");
    return told !== null && typeof told === "object" ? told : {};
  } catch {
    return {};
  }
}
