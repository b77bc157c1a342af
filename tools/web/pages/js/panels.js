// <tla-panels>: the tabs beside the readers, for the chosen reader.

import { freshId, h, nearest, put, set } from "./markup.js";
import { Part, part } from "./part.js";
import { keep, kept, say } from "./words.js";

const KEPT = "panel";
// What a tab holds: the modules, each with the element that it defines. A module that is missing is left out.
const PANELS = [
  { id: "surgery", title: () => say("Surgery"), parts: [["./surgery.js", "tla-surgery"]] },
  { id: "trace", title: () => say("Trace"), parts: [["./apdu.js", "tla-apdu"], ["./verify.js", "tla-verify"], ["./trace.js", "tla-trace"]] },
  { id: "time", title: () => say("Time"), parts: [["./clock.js", "tla-clock"], ["./timeline.js", "tla-timeline"], ["./snapshots.js", "tla-snapshots"]] },
  { id: "faults", title: () => say("Faults"), parts: [["./faults.js", "tla-faults"]] },
  { id: "rules", title: () => say("Rules"), parts: [["./rules.js", "tla-rules"], ["./waits.js", "tla-waits"]] },
  { id: "links", title: () => say("Links"), parts: [["./links.js", "tla-links"]] },
  { id: "session", title: () => say("Session"), parts: [["./session.js", "tla-session"]] },
];

/** Load the panels' modules. Returns the panels, each with the elements that are there. */
export async function loadPanels() {
  const loaded = await Promise.all(PANELS.map(async (panel) => {
    const found = await Promise.all(panel.parts.map(async ([module, tag]) => {
      try {
        await import(module);
        return tag;
      } catch (error) {
        console.warn(`${module}: ${error}`);
        return null;
      }
    }));
    return { ...panel, tags: found.filter((tag) => tag !== null) };
  }));
  return loaded.filter((panel) => panel.tags.length > 0);
}

class Panels extends Part {
  panels = [];

  draw() {
    this.id ||= freshId("panels");
    this.list = h("div", { class: "tabs", role: "tablist", "aria-label": say("Panels of {name}", { name: this.reader.name }) });
    this.page = h("div", { class: "panel", role: "tabpanel", id: `${this.id}-panel`, tabindex: "0" });
    put(this, this.list, this.page);
    put(this.list, this.panels.map((panel) => h("button", {
      type: "button", role: "tab", class: "tab", id: `${this.id}-${panel.id}`, "data-panel": panel.id, "aria-controls": this.page.id,
    }, panel.title())));
    this.list.addEventListener("click", (event) => {
      const tab = nearest(event, "[data-panel]");
      if (tab !== null) {
        this.choose(tab.dataset.panel);
      }
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    const last = kept(KEPT);
    this.choose(this.panels.some((each) => each.id === last) ? last : this.panels[0]?.id);
  }

  choose(id) {
    const panel = this.panels.find((each) => each.id === id);
    if (panel === undefined || this.chosen === id) {
      return;
    }
    this.chosen = id;
    keep(KEPT, id);
    this.list.querySelectorAll("[role=tab]").forEach((tab) => {
      const on = tab.dataset.panel === id;
      set(tab, "aria-selected", on ? "true" : "false");
      set(tab, "tabindex", on ? "0" : "-1");
    });
    set(this.page, "aria-labelledby", `${this.id}-${id}`);
    put(this.page, panel.tags.map((tag) => part(tag, { reader: this.reader, bench: this.bench, class: "panel-part" })));
  }

  key(event) {
    const tabs = [...this.list.querySelectorAll("[role=tab]")];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      const tab = tabs.at(to % tabs.length);
      tab.focus();
      this.choose(tab.dataset.panel);
    }
  }
}

customElements.define("tla-panels", Panels);
