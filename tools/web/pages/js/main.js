// Where the page begins: its language first, so that nothing is said twice; then the bench.

import "./theme.js";
import { Bench } from "./state.js";
import { currentLanguage, speak } from "./words.js";

await speak(currentLanguage()).catch(() => {});
const { part } = await import("./bench.js");
const bench = new Bench();
document.body.append(part("tla-bench", { bench }));
await bench.start();
