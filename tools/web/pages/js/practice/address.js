// Addresses within the page: "#view/part/part", so that links, back and reload lead to the same place.

/** Return the address of a view, with what it is to show. */
export function address(view, ...parts) {
  return `#${[view, ...parts].map((each) => encodeURIComponent(each)).join("/")}`;
}

/** Return the view and the parts behind it that an address names: {view, parts}. */
export function readAddress(hash) {
  const [view = "", ...parts] = hash.replace(/^#/, "").split("/").map(decoded);
  return { view, parts };
}

/** Go to a view. */
export function go(view, ...parts) {
  location.hash = address(view, ...parts);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
