// Who is on the Vitale at the practice's reader: the name on its face is seen by whoever sees the card, what it lists
// is read with a code.

/** Return the names that are known of it, the insured's first, and whether they were read; none without a card. */
export function vitaleInSlot({ home, reader, tried }) {
  if (!home?.reader?.vitale) {
    return { names: [], read: false };
  }
  const listed = tried?.vitale?.beneficiaries ?? null;
  const holder = reader?.now.slots?.vitale?.holder ?? "";
  return { names: listed ?? (holder === "" ? [] : [holder]), read: listed !== null };
}
