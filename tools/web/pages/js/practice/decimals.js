// Amounts and coefficients as people write them in either language, and as a practice file has them.

const BLANKS = /[\s\u00a0\u202f]/g;
const THOUSANDS = /^\d{1,3}(,\d{3})+(\.\d*)?$/;

/** Return what a practice file is to have for a text: with a point, and nothing between thousands. */
export function readDecimal(text, language) {
  const bare = text.replace(BLANKS, "");
  return language === "en" && THOUSANDS.test(bare) ? bare.replaceAll(",", "") : bare.replace(",", ".");
}

/** Return a value of a practice file as a language writes it: with a comma in French. */
export function showDecimal(value, language) {
  return language === "fr" ? String(value).replace(".", ",") : String(value);
}
