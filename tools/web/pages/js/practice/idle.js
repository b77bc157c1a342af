// Where there is simply nothing to do: that is told quietly, and not beside what was just done.

/** The classes of a reason that is no more than that. */
export const IDLE = "quiet idle-why";

/** Return whether a reason that the server gave is no more than that. */
export function isIdle(why) {
  return why?.code === "nothing-to-do";
}
