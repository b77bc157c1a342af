// <tla-reference>: the HTTP API, from its own description.

import { get } from "./api.js";
import { pageHead } from "./head.js";
import { h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

const JSON_TYPE = "application/json";

class Reference extends Part {
  draw() {
    this.main = h("main", { class: "api" });
    put(this, this.head(), h("div", { class: "top-notice", "data-notice": "" }), this.main);
    this.attempt(async () => this.show(await get("/openapi.json")));
  }

  head() {
    return pageHead(this, {
      title: say("HTTP API of this bench"), middle: h("div", { class: "top-readers" }, h("a", { href: "/" }, say("Back to the bench"))),
    });
  }

  show(described) {
    this.schemas = described.components.schemas;
    const topics = byTopic(described.paths);
    const about = [
      h("p", { class: "api-about" }, say("Each route with what it takes and answers. The descriptions are those of /openapi.json, in English.")),
      h("p", { class: "api-about", lang: "en" }, withCode(described.info.description)),
      h("p", { class: "api-about" }, h("a", { href: "/openapi.json", download: "tla-sim-openapi.json" }, say("Download the description (OpenAPI 3.1)"))),
    ];
    put(this.main,
      h("nav", { class: "api-topics", "aria-label": say("Topics") }, h("ul", {}, [...topics.keys()].map((topic) =>
        h("li", { lang: "en" }, h("a", { href: `#${idOf(topic)}` }, capital(topic)))))),
      h("div", {}, about, [...topics].map(([topic, routes]) => [
        h("h2", { class: "api-topic", id: idOf(topic), lang: "en", tabindex: "-1" }, capital(topic)),
        routes.map((route) => this.route(route)),
      ])));
  }

  route({ method, path, operation }) {
    const told = operation.description ?? operation.summary;
    const inside = h("div", { class: "api-inside" });
    const route = h("details", { class: "api-route" },
      h("summary", {},
        h("span", { class: "api-method" }, method),
        h("span", { class: "api-path" }, path),
        h("span", { class: "quiet", lang: "en" }, withCode(told.split("\n")[0]))),
      inside);
    route.addEventListener("toggle", () => {
      if (route.open && inside.childElementCount === 0) {
        put(inside, this.inside(method, path, operation, told));
      }
    });
    return route;
  }

  inside(method, path, operation, told) {
    const taken = (operation.parameters ?? []).map((each) => ({ name: each.name, schema: each.schema, told: each.description, needed: each.required }));
    const body = operation.requestBody?.content ?? {};
    const [[bodyType, { schema: bodySchema }]] = Object.entries(body).concat([["", { schema: null }]]);
    const answers = Object.entries(operation.responses);
    return [
      told.split("\n\n").slice(1).map((each) => h("p", { lang: "en" }, withCode(each))),
      taken.length > 0 ? [h("h3", {}, say("In the address and the headers")), this.fields(taken)] : null,
      bodySchema === null ? null : [h("h3", {}, say("Body")), this.content(bodyType, bodySchema)],
      answers.map(([code, each]) => [
        h("h3", {}, code === "default" ? say("Any other failure") : say("Answer {code}", { code })),
        h("p", { lang: "en" }, withCode(each.description)),
        code.startsWith("2") ? Object.entries(each.content ?? {}).map(([type, { schema }]) => this.content(type, schema)) : null,
      ]),
      h("h3", {}, say("With curl")),
      h("pre", { class: "api-try", tabindex: "0" }, command(method, path, bodyType)),
    ];
  }

  content(type, schema) {
    const found = this.follow(schema);
    if (type !== JSON_TYPE || found.properties === undefined) {
      return h("p", {}, h("code", {}, type));
    }
    const needed = found.required ?? [];
    return [
      found.description ? h("p", { lang: "en" }, withCode(found.description)) : null,
      this.fields(Object.entries(found.properties).map(([name, each]) => ({ name, schema: each, told: each.description, needed: needed.includes(name) }))),
    ];
  }

  fields(rows) {
    return h("div", { class: "api-scroll", tabindex: "0" }, h("table", { class: "api-fields" },
      h("thead", {}, h("tr", {}, [say("Name"), say("Type"), say("Meaning")].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", {}, rows.map((row) => h("tr", {},
        h("th", { scope: "row" }, row.name),
        h("td", { lang: "en" }, this.typeOf(row.schema)),
        h("td", {}, h("span", { lang: "en" }, withCode(row.told ?? "")), row.needed ? null : [" ", h("span", { class: "badge" }, say("optional"))]))))));
  }

  typeOf(schema = {}) {
    const named = this.follow(schema);
    if (named.enum) {
      return named.enum.join(" or ");
    }
    if (schema.$ref) {
      return schema.$ref.split("/").pop();
    }
    if (schema.anyOf) {
      return schema.anyOf.map((each) => this.typeOf(each)).join(" or ");
    }
    const type = schema.type === "array" ? `list of ${this.typeOf(schema.items)}` : String(schema.type ?? "any");
    const limits = [range(schema.minimum, schema.maximum), range(schema.minLength, schema.maxLength, " characters"), range(schema.minItems, schema.maxItems, " items")].filter(Boolean);
    return limits.length > 0 ? `${type} (${limits.join(", ")})` : type;
  }

  follow(schema) {
    return schema?.$ref ? this.schemas[schema.$ref.split("/").pop()] : schema ?? {};
  }
}

function byTopic(paths) {
  const topics = new Map();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const [topic] = operation.tags;
      topics.set(topic, [...(topics.get(topic) ?? []), { method: method.toUpperCase(), path, operation }]);
    }
  }
  return topics;
}

/** Return a number or the range of numbers that a schema allows, in words, null where it says nothing. */
function range(least, most, unit = "") {
  if (least === most) {
    return least === undefined ? null : `${least}${unit}`;
  }
  return [least === undefined ? null : `from ${least}${unit}`, most === undefined ? null : `to ${most}${unit}`].filter(Boolean).join(" ");
}

/** Return a text with what stands between backticks as code. */
function withCode(text) {
  return text.split("`").map((each, at) => (at % 2 === 1 ? h("code", {}, each) : each));
}

function command(method, path, type) {
  const start = method === "GET" ? "curl" : `curl -X ${method}`;
  const body = type === "" ? "" : type === JSON_TYPE ? ` -H 'Content-Type: ${type}' -d '{…}'` : ` -H 'Content-Type: ${type}' --data-binary @FILE`;
  return `${start}${body} ${location.origin}${path}`;
}

const idOf = (topic) => `topic-${topic.replaceAll(" ", "-")}`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);

customElements.define("tla-reference", Reference);
