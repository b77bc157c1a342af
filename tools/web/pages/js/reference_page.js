// Where the description of the API begins: its language first.

import "./theme.js";
import { currentLanguage, speak } from "./words.js";

await speak(currentLanguage()).catch(() => {});
const { part } = await import("./part.js");
await import("./reference.js");
document.body.append(part("tla-reference"));
