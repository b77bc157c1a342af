"""The HTTP API's description and its page, from the routes of the app."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tla_sim.tools.cast import demo_practice
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import Gate

_PROBLEM: Final = "Problem"
_JSON: Final = "application/json"
_PIPE: Final = "\\|"
Described = Mapping[str, Any]


def description() -> str:
    """Return the description of the API (OpenAPI 3.1) as JSON."""
    return json.dumps(_described(), indent=1, ensure_ascii=False) + "\n"


def http_page(notice: str) -> str:
    """Return the page of the API: its routes by topic, and what goes in and comes out."""
    return "\n".join(_page(notice, _described()))


def _described() -> dict[str, Any]:
    bench = Bench(demo_practice(), "epoch")
    try:
        return make_app(bench, Gate.at("127.0.0.1", 8000)).openapi()
    finally:
        bench.close()


def _page(notice: str, described: Described) -> Iterator[str]:
    yield notice
    yield "# The HTTP API of `tla web`\n"
    yield (
        f"{described['info']['description']} `tla web` shows this description at `/reference`, and serves it "
        "as [OpenAPI](openapi.json) at `/openapi.json`.\n"
    )
    yield (
        "It answers on this machine alone unless `--host` says otherwise; other machines then need the token "
        "in the address that it prints, as cookie or as `Authorization: Bearer`. A request that names "
        "another host (421) or comes from a page of another site (403) is refused.\n"
    )
    for topic, routes in _by_topic(described).items():
        yield f"## Routes: {topic}\n"
        yield "| route | what it does | takes | answers | may refuse with |\n| --- | --- | --- | --- | --- |"
        for method, path, operation in routes:
            yield _route(method, path, operation)
        yield ""
        yield from _asked_of(routes)
    yield "## What goes in and comes out\n"
    for name, schema in described["components"]["schemas"].items():
        yield from _schema(name, schema)


def _by_topic(described: Described) -> dict[str, list[tuple[str, str, Described]]]:
    found: dict[str, list[tuple[str, str, Described]]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            found.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return found


def _route(method: str, path: str, operation: Described) -> str:
    told = " ".join(operation.get("description", operation["summary"]).split())
    taken = [f"`{each['name']}`" for each in operation.get("parameters", ()) if each["in"] != "path"]
    taken += [_content(operation["requestBody"])] if "requestBody" in operation else []
    responses = operation["responses"]
    answers = [f"{code} {_content(each)}".strip() for code, each in responses.items() if code[0] == "2"]
    refusals = [code for code in responses if code[0] == "4"]
    cells = (f"`{method} {path}`", told, ", ".join(taken), ", ".join(answers), ", ".join(refusals))
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"


def _asked_of(routes: Iterable[tuple[str, str, Described]]) -> Iterator[str]:
    """Yield what the queries and headers of routes mean, in the order in which they first come."""
    rows: dict[str, list[str]] = {}
    for method, path, operation in routes:
        for each in operation.get("parameters", ()):
            if each["in"] != "path":
                schema = each["schema"]
                told = [each.get("description", ""), *_presence(schema, each.get("required", False))]
                row = f"`{each['name']}` | {_type(schema)} | {' '.join(filter(None, told))}"
                rows.setdefault(row, []).append(f"`{method} {path}`")
    if rows:
        yield "| in the address or a header | type | what it does | of |\n| --- | --- | --- | --- |"
        yield from (f"| {row} | {', '.join(of)} |" for row, of in rows.items())
        yield ""


def _presence(schema: Described, required: bool) -> Iterator[str]:
    if not required:
        default = schema.get("default")
        yield "May be left out." if default in (None, "") else f"Default: {json.dumps(default)}."


def _content(described: Described) -> str:
    named = []
    for media_type, content in described.get("content", {}).items():
        named.append(_type(content["schema"]) if media_type == _JSON else f"`{media_type}`")
    return " or ".join(named)


def _schema(name: str, schema: Described) -> Iterator[str]:
    yield f"### {name}\n"
    if name == _PROBLEM or "description" in schema:
        yield f"{' '.join(schema['description'].split())}\n"
    if "enum" in schema:
        yield f"One of {', '.join(f'`{each}`' for each in schema['enum'])}.\n"
        return
    yield "| field | type | |\n| --- | --- | --- |"
    required = schema.get("required", ())
    for field, each in schema.get("properties", {}).items():
        told = [each.get("description", "")]
        if field not in required:
            told.append("May be left out." if each.get("default") is None else f"Default: {each['default']}.")
        yield f"| `{field}` | {_type(each)} | {' '.join(filter(None, told))} |"
    yield ""


def _type(schema: Described) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return _list_type(schema)
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'])}"
    if kind == "string" and schema.get("minLength", "") == schema.get("maxLength"):
        return f"string of {schema['maxLength']} characters"
    limits = [_range(schema, "minimum", "maximum"), _range(schema, "minLength", "maxLength", " characters")]
    told = ", ".join(filter(None, limits))
    return kind + (f" ({told})" if told else "")


def _range(schema: Described, least: str, most: str, unit: str = "") -> str:
    words = [f"{word} {schema[name]:.0f}" for word, name in (("from", least), ("to", most)) if name in schema]
    return f"{' '.join(words)}{unit}" if words else ""


def _list_type(schema: Described) -> str:
    least, most = schema.get("minItems"), schema.get("maxItems")
    items = _type(schema["items"])
    if most is not None and least == most:
        return f"list of exactly {most}, each {items}"
    bounds = _range(schema, "minItems", "maxItems")
    return f"list of {items}" + (f" ({bounds})" if bounds else "")
