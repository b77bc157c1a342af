// The partially secured mode: chosen before billing, so that the question at its end is not asked.

/** Whether whoever bills chose the mode. Event: "change". */
class PartialMode extends EventTarget {
  on = false;

  switch(on) {
    this.on = on;
    this.dispatchEvent(new Event("change"));
  }
}

export const partialMode = new PartialMode();
