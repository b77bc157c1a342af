// Where the practice's page begins: its language first, so that nothing is said twice; then the shell.

import "../theme.js";
import { Bench } from "../state.js";
import { currentLanguage, speak } from "../words.js";

await speak(currentLanguage()).catch(() => {});
const { part } = await import("../part.js");
await import("./shell.js");
const bench = new Bench();
document.body.append(part("tla-practice", { bench }));
await bench.start();
