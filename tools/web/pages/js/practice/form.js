// A form drawn from the JSON Schema of a practice file: fields, parts within parts, and lists of parts.

import { h, put } from "../markup.js";
import { say } from "../words.js";
import { choicesOf, proposalsOf } from "./field_choices.js";
import { FIRST, LISTS, OPTIONAL, labelOf } from "./field_words.js";
import { field } from "./form_fields.js";
import { PartBrief } from "./part_brief.js";
import { kindOf, kindsOf, nameOf, plain } from "./value_kinds.js";

const MOST_UNFOLDED = 3;
const NOMENCLATURES = { NgapAct: "NGAP", CcamAct: "CCAM" };

/** Return a new part with what it must have: parts within it, and lists of at least one. */
export function fresh(schema, name) {
  const { properties, required = [] } = schema.$defs[name];
  const made = {};
  for (const each of required) {
    const { $ref, type, items, minItems } = properties[each];
    if ($ref !== undefined) {
      made[each] = fresh(schema, nameOf($ref));
    } else if (type === "array" && minItems > 0) {
      made[each] = [fresh(schema, kindsOf(items)[0])];
    }
  }
  return made;
}

/** The form of one part of a draft. `element` is its content; `place` is where it stands in the file. */
export class Form {
  fields = new Map();

  constructor({ draft, name, value, place }) {
    Object.assign(this, { draft, schema: draft.schema, root: value, place });
    this.element = h("div", { class: "edit-form" }, this.part(name, value, place));
  }

  /** Show the problems beside their fields. Those that belong to no field here are not shown. */
  problems(found) {
    const by = new Map();
    for (const { place, told } of found) {
      by.set(place, [...(by.get(place) ?? []), told]);
    }
    this.fields.forEach((each, place) => {
      const texts = by.get(place) ?? [];
      each.problem(texts);
      if (texts.length > 0) {
        unfold(each.input);
      }
    });
  }

  /** Return problems in the order in which their fields stand; those without a field come last. */
  ordered(found) {
    const standing = new Map([...this.element.querySelectorAll("input, select, button, .edit-problem")].map((each, at) => [each, at]));
    const at = ({ place }) => {
      const { input, why } = this.fields.get(place) ?? {};
      return standing.get(why ?? input) ?? standing.size;
    };
    return found.toSorted((one, other) => at(one) - at(other));
  }

  /** Give a field the focus, or the first one of a part; returns whether there is one. */
  focus(place) {
    let found = this.fields.get(place)?.input;
    for (const [at, each] of this.fields) {
      found ??= at.startsWith(place) ? each.input : undefined;
    }
    unfold(found);
    found?.focus();
    return found !== undefined;
  }

  /** Write everything in the language spoken. */
  retell() {
    this.fields.forEach((each) => each.retell?.());
  }

  /** Return the fields and groups of a part. */
  part(name, value, place) {
    const { properties, required = [] } = this.schema.$defs[name];
    const first = FIRST[name] ?? [];
    const names = [...first, ...Object.keys(properties).filter((each) => !first.includes(each))];
    const groups = [];
    const fields = [];
    for (const each of names) {
      const schema = plain(properties[each]);
      const at = `${place}.${each}`;
      if (schema.type === "array") {
        groups.push(this.list(each, schema, value, at));
      } else if (schema.$ref !== undefined) {
        groups.push(required.includes(each) ? this.group(labelOf(name, each), nameOf(schema.$ref), value[each] ??= {}, at) : this.optional(name, each, nameOf(schema.$ref), value, at));
      } else {
        fields.push(this.field(name, each, schema, value, at, required.includes(each)));
      }
    }
    return [h("div", { class: "form-grid" }, fields), groups];
  }

  field(name, each, schema, value, at, required) {
    const made = field({
      label: labelOf(name, each), schema, value: value[each], required,
      options: choicesOf(name, each, this.draft, value), proposals: proposalsOf(name, each, this.draft),
      left: () => this.draft.touch(at),
      change: (given, typed) => {
        if (given === undefined) {
          delete value[each];
        } else {
          value[each] = given;
        }
        this.fields.forEach((other) => other !== made && other.options?.());
        this.draft.edited(at, typed);
      },
    });
    made.take = (given) => {
      value[each] = given;
      made.show(given);
    };
    this.fields.set(at, made);
    return made;
  }

  group(title, name, value, place, after = null) {
    const why = h("p", { class: "edit-problem", hidden: true });
    const made = h("fieldset", { class: "edit-group" }, h("legend", {}, title), why, this.part(name, value, place), after);
    this.fields.set(place, groupProblem(why));
    return made;
  }

  /** A part that may be left out. */
  optional(owner, each, name, value, place) {
    const box = h("div", {});
    const input = h("input", { type: "checkbox", class: "check", checked: value[each] !== undefined, onchange: () => {
      if (input.checked) {
        value[each] = fresh(this.schema, name);
        this.draft.judging.spare(place);
      } else {
        delete value[each];
      }
      show();
      this.draft.edited(place);
    } });
    const show = () => {
      this.forget(place);
      put(box, value[each] === undefined ? null : this.group(labelOf(owner, each), name, value[each], place));
    };
    show();
    return h("div", { class: "edit-optional" }, h("label", { class: "row" }, input, h("span", {}, OPTIONAL[each]())), box);
  }

  list(each, { items, minItems = 0, maxItems }, value, place) {
    const { title, one, add } = LISTS[each];
    const kinds = kindsOf(items);
    const unfolded = new WeakSet((value[each] ?? []).slice(0, 1));
    const box = h("div", { class: "edit-items" });
    const why = h("p", { class: "edit-problem", hidden: true });
    const more = h("button", { type: "button", class: "button button-small", onclick: () => {
      const made = fresh(this.schema, kinds[0]);
      if (this.root.date !== undefined && "date" in this.schema.$defs[kinds[0]].properties) {
        made.date = this.root.date;
      }
      (value[each] ??= []).push(made);
      unfolded.add(made);
      this.draft.judging.spare(`${place}[${value[each].length - 1}]`);
      show();
      this.draft.edited(place);
      this.focus(`${place}[${value[each].length - 1}].`);
    } }, add());
    const show = () => {
      const listed = value[each] ?? [];
      this.forget(place);
      this.fields.set(place, groupProblem(why, more));
      put(box, listed.map((item, at) => this.item({ one, kinds, item, place: `${place}[${at}]`, at, show, unfolded: listed.length > MOST_UNFOLDED ? unfolded : null, remove: listed.length <= minItems ? null : () => {
        listed.splice(at, 1);
        if (listed.length === 0) {
          delete value[each];
        }
        this.draft.judging.takeOut(place, at);
        show();
        this.draft.edited(place);
        more.focus();
      } })));
      more.hidden = listed.length >= maxItems;
    };
    show();
    return h("section", { class: "edit-list" }, h("h3", {}, title()), why, box, more);
  }

  item({ one, kinds, item, place, at, show, unfolded, remove }) {
    const kind = kinds.length === 1 ? kinds[0] : kindOf(item);
    const select = kinds.length === 1 ? null : h("select", { class: "select", onchange: () => {
      const { properties } = this.schema.$defs[select.value];
      Object.keys(item).filter((each) => !(each in properties)).forEach((each) => delete item[each]);
      item[select.value === "CcamAct" ? "activity" : "coefficient"] = select.value === "CcamAct" ? "1" : "1";
      this.draft.judging.spare(place);
      show();
      this.draft.edited(place);
    } }, kinds.map((each) => h("option", { value: each, selected: each === kind }, NOMENCLATURES[each])));
    const made = this.group(one(at + 1), kind, item, place, remove === null ? null
      : h("button", { type: "button", class: "button button-small", onclick: remove }, say("Remove {what}", { what: one(at + 1) })));
    if (select !== null) {
      made.querySelector("legend").after(h("label", { class: "field-inline" }, h("span", {}, say("Nomenclature")), select));
    }
    return unfolded === null ? made : fold(one(at + 1), item, made, unfolded);
  }

  forget(place) {
    [...this.fields.keys()].filter((each) => each === place || each.startsWith(`${place}.`) || each.startsWith(`${place}[`)).forEach((each) => this.fields.delete(each));
  }
}

/** Return a part that is folded to one line until somebody opens it. */
function fold(name, item, content, unfolded) {
  const brief = new PartBrief(item);
  const line = h("span", { class: "quiet" }, brief);
  return h("details", { class: "edit-fold", open: unfolded.has(item), ontoggle: ({ target }) => {
    unfolded[target.open ? "add" : "delete"](item);
    put(line, brief);
  } }, h("summary", {}, h("span", {}, name), " ", line), content);
}

function unfold(within) {
  for (let each = within?.closest("details"); each; each = each.parentElement.closest("details")) {
    each.open = true;
  }
}

function groupProblem(why, input = undefined) {
  return { input, why, problem: (texts) => {
    why.hidden = texts.length === 0;
    put(why, texts.join(" "));
  } };
}
