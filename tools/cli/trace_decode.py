"""tla trace decode"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.output import JsonOption, print_json_text, print_line
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from tla_sim.protocol.trace import DecodedExchange, TraceRecord

SHOWN: Final = 64
"""Most characters of a value in the text; JSON has all of it."""


def decode_trace(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A trace recorded with --trace.")],
    as_json: JsonOption = False,
) -> None:
    """Decode a trace command by command, by the protocol's declarations."""
    from tla_sim.host.regular_file import open_input
    from tla_sim.protocol.trace import decode, read_trace

    with open_input(file) as stream:
        exchanges = (decode(record) for record in _name_file(file, read_trace(stream)))
        if as_json:
            _print_array(exchanges)
        else:
            for exchange in exchanges:
                _print_text(exchange)


def _name_file(file: Path, records: Iterator[TraceRecord]) -> Iterator[TraceRecord]:
    try:
        yield from records
    except CodecError as error:
        raise CodecError("{file}: {reason}", error.action, file=file, reason=error.message) from None


def _print_array(exchanges: Iterator[DecodedExchange]) -> None:
    """Print one JSON array, each element as it is read: a trace may be larger than memory."""
    import json

    separator = "["
    problem: CodecError | None = None
    try:
        for exchange in exchanges:
            print(separator)
            print_json_text(json.dumps(_fields(exchange), ensure_ascii=False) + "\n")
            separator = ","
    except CodecError as error:
        problem = error
    print("]" if separator == "," else "[]")
    if problem is not None:
        raise problem


def _fields(exchange: DecodedExchange) -> dict[str, object]:
    return {
        "moment": exchange.moment,
        "to": exchange.lad.name,
        "command": exchange.name,
        "request": exchange.request,
        "status": None if exchange.word is None else f"{exchange.word:04X}",
        "meaning": exchange.meaning,
        "response": exchange.response,
    }


def _print_text(exchange: DecodedExchange) -> None:
    from tla_sim.protocol.moment import moment_text

    moment = f"{moment_text(exchange.moment)}.{exchange.moment % 1000:03}"
    word = "----" if exchange.word is None else f"{exchange.word:04X}"
    print_line(f"{moment}  {exchange.lad.name:<7} {exchange.name}: {word} {localise(exchange.meaning)}")
    for name, fields in (("request", exchange.request), ("response", exchange.response)):
        if fields:
            print_line(f"    {name:<9} {_join_fields(fields)}")


def _join_fields(fields: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {_shorten(value)}" for name, value in fields.items())


def _shorten(value: object) -> str:
    match value:
        case dict():
            return "{" + _join_fields(value) + "}"
        case list():
            return "[" + ", ".join(_shorten(each) for each in value) + "]"
        case "":
            return "-"
        case _:
            text = str(value)
            if len(text) <= SHOWN:
                return text
            return localise(Sentence("{text}… ({count} characters)", text=text[:SHOWN], count=len(text)))
