// Several words as one, each of which follows the language.

import { Told } from "../words.js";

/** Words, sentences and codes one behind the other, with a separator between them. */
export class JoinedWords extends Told {
  constructor(parts, separator = " · ") {
    super("", {});
    this.parts = parts;
    this.separator = separator;
  }

  toString() {
    return this.parts.map(String).join(this.separator);
  }
}
