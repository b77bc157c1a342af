// Attaching a file to an invoice as a supporting document.

import { Problem, upload } from "../api.js";
import { confirm } from "../dialog.js";
import { say } from "../words.js";

const EMPTY_PAGES = "empty-pages";

const TOO_LONG = 413;

/**
 * Attach a file to an invoice, and to others of `also` ("owner:number" each). `role` is prescription,
 * care-sheet or other. A document with empty pages is attached without them if that is wanted. Returns
 * {piece, attached}, or null when it was given up; throws the Problem when it is refused.
 */
export async function attachFile(practice, { owner, number, role, also = [] }, file) {
  const asked = new URLSearchParams({ role, name: file.name });
  [`${owner}:${number}`, ...also].forEach((each) => asked.append("invoice", each));
  try {
    return await uploadFile(`/v1/practice/pieces?${asked}`, file);
  } catch (problem) {
    if (problem.code !== EMPTY_PAGES) {
      throw problem;
    }
    const wanted = await confirm({
      title: say("Travel without the empty pages?"), text: problem.told,
      act: say("Leave the empty pages out"), look: "button-primary",
    });
    return wanted ? uploadFile(`/v1/practice/pieces?${asked}&without_empty_pages=true`, file) : null;
  }
}

/** Send a file that somebody chose. Throws a Problem that names the file, also when it cannot be sent at all. */
export async function uploadFile(path, file, options) {
  const { name } = file;
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    // A folder that was dropped, or a file that is gone.
    throw new Problem(say("{name} cannot be read", { name }), say("Choose a file that is there, not a folder"));
  }
  try {
    return await upload(path, file, options);
  } catch (problem) {
    throw problem.status === TOO_LONG
      ? new Problem(say("{name} is too large for a scan", { name }), say("Scan it in grey"), problem) : problem;
  }
}
