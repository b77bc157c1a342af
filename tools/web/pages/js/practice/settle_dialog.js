// The dialog that has a person settle whether a file arrived whose sending was interrupted.

import { Problem, get, post } from "../api.js";
import { openDialog } from "../dialog.js";
import { h, put } from "../markup.js";
import { say } from "../words.js";
import { forgetWord } from "./last_word.js";
import { sendFiles, sendToFolder } from "./send_dialog.js";

/**
 * Ask whether a file arrived, with what is known of it; what is sent then is told in `place`. Resolves once the
 * dialog is closed.
 */
export async function settleFile(practice, { identity }, place) {
  forgetWord();
  const path = `/v1/practice/files/${identity}`;
  const body = h("div", {}, h("p", { class: "quiet" }, say("Loading…")));
  const refusal = h("div", { role: "alert" });
  const dialog = openDialog(say("Did file {file} arrive?", { file: identity }), () => [body, refusal]);
  dialog.classList.add("settle-dialog");
  const attempt = async (act) => {
    try {
      put(refusal);
      return await act();
    } catch (error) {
      const { told, action } = error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again"));
      put(refusal, h("div", { class: "notice" }, h("p", { class: "notice-message" }, told), action ? h("p", {}, action) : null));
      return null;
    }
  };
  const button = (label, act, look = "button") => h("button", { type: "button", class: look, onclick: act }, label);
  const order = (act) => async () => (await attempt(act)) !== null && dialog.close();
  const closed = new Promise((answer) => dialog.addEventListener("close", answer));
  const told = await attempt(() => get(path));
  if (told !== null && dialog.open) {
    const { doubt, file } = told;
    put(body, doubt === null
      ? [h("p", {}, say("There is nothing to settle any more.")), h("div", { class: "dialog-buttons" }, button(say("Close"), () => dialog.close()))]
      : [
        h("p", {}, h("strong", {}, doubt.known)), h("p", {}, doubt.advice),
        h("p", { class: "quiet" }, say("Recipient: {recipient}", { recipient: file.recipient })),
        h("div", { class: "settle-acts" },
          button(say("Yes, it arrived"), order(() => post(`${path}/settle`, { arrived: true }))),
          button(say("No, it did not arrive"), order(() => post(`${path}/settle`, { arrived: false }))),
          doubt.folder === null ? null : button(say("Finish it in the same folder"), order(() => sendToFolder(practice, identity, doubt.folder, place)), "button button-primary"),
          doubt.again ? button(say("Send the same message again…"), () => {
            dialog.close();
            sendFiles(practice, [file], place, { again: true });
          }) : null),
        h("p", { class: "quiet" }, say("A file that did not arrive may be sent once more; one that arrived never is.")),
        h("div", { class: "dialog-buttons" }, button(say("Cancel"), () => dialog.close())),
      ]);
    body.querySelector("button")?.focus();
  }
  await closed;
}
