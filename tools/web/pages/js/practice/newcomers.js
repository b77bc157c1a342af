// Who has a card in one practice and had none in another: only readers that are added later know that card.

const HOLDERS = {
  practitioners: { key: (who) => who.national_id, name: (who) => full(who) },
  staff: { key: (who) => who.national_id, name: (who) => full(who) },
  patients: { key: (card) => card.nir, name: (card) => full(card.beneficiaries?.[0] ?? {}) },
};

/** Return the names of those whose card is new in a practice. */
export function newcomers(before, after) {
  return Object.entries(HOLDERS).flatMap(([section, { key, name }]) => {
    const known = new Set((before[section] ?? []).map(key));
    return (after[section] ?? []).filter((each) => !known.has(key(each))).map(name);
  });
}

function full(who) {
  return [who.last_name, who.first_name].filter(Boolean).join(" ");
}
