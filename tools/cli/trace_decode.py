"""tla trace decode"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import REFUSED
from tla_sim.tools.cli.output import JsonOption, note, print_json_text, print_line
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from tla_sim.protocol.exchange import Description, LocatedField
    from tla_sim.tools.capture.reading import Read, ReadExchange, ReadReset, ReadZone
    from tla_sim.tools.capture.zone_groups import ShownGroup

SHOWN: Final = 64
"""Most characters of a value in the text; JSON has all of it."""
_NS_PER_MS: Final = 1_000_000
_UNSAID: Final = frozenset(("CLA", "INS", "Lc", "Le", "SW"))
"""Fields of an APDU that the line of the exchange says already. JSON has them."""
_PARAMETERS: Final = frozenset(("P1", "P2", "P1-P2"))
_ATR: Final = "ATR"
_MOST_FIELDS: Final = 100_000


def decode_trace(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A trace recorded with --trace, or a pcapng file of others."),
    ],
    only: Annotated[
        str,
        typer.Option(
            "--only",
            metavar="NAME",
            show_default=False,
            help="Only commands of this name, such as load_invoice.",
        ),
    ] = "",
    brief: Annotated[bool, typer.Option("--brief", help="One line each.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Decode a trace command by command, with all that is inside: groups, FSEs, signatures, memory zones.

    Long values are shortened; JSON has them whole. Ends with 1 if there is no command of the wanted name.
    """
    from tla_sim.host.regular_file import open_input
    from tla_sim.tools.capture.reading import read_named

    with open_input(file) as stream:
        wanted = _wanted(read_named(file, stream), only)
        count = 0
        if as_json:
            count = _print_array(wanted)
        else:
            for count, (number, each) in enumerate(wanted, 1):  # noqa: B007
                _print_read(number, each, brief)
    if count:
        return
    if only:
        note(Sentence("The trace has no command called {name}.", name=only))
        raise typer.Exit(REFUSED)
    note(Sentence("{file} holds no exchange with a reader.", file=file))


def _wanted(reads: Iterator[Read], only: str) -> Iterator[tuple[int, Read]]:
    """Yield what is to be shown, exchanges with their number from 1."""
    from tla_sim.protocol.exchange import Description
    from tla_sim.tools.capture.reading import ReadExchange

    number = 0
    name = only.casefold()
    for each in reads:
        if isinstance(each, ReadExchange):
            number += 1
            if not name or Description(each.lad, each.command, each.response).name.casefold() == name:
                yield number, each
        elif not name:
            yield 0, each


def _print_array(reads: Iterator[tuple[int, Read]]) -> int:
    """Print one JSON array, each element as it is read: a trace may be larger than memory.

    Return the number of elements.
    """
    import json

    separator = "["
    count = 0
    problem: CodecError | None = None
    try:
        for count, (number, each) in enumerate(reads, 1):  # noqa: B007
            print(separator)
            print_json_text(json.dumps(_as_json(number, each), ensure_ascii=False) + "\n")
            separator = ","
    except CodecError as error:
        problem = error
    print("]" if separator == "," else "[]")
    if problem is not None:
        raise problem
    return count


def _as_json(number: int, read: Read) -> dict[str, object]:
    from tla_sim.tools.capture.reading import ReadExchange, ReadReset

    if isinstance(read, ReadExchange):
        return _exchange_json(number, read)
    return _reset_json(read) if isinstance(read, ReadReset) else _zone_json(read)


def _exchange_json(number: int, read: ReadExchange) -> dict[str, object]:
    from tla_sim.protocol.exchange import Description
    from tla_sim.protocol.trace import TraceRecord, decode

    found = decode(TraceRecord(read.started_ns // _NS_PER_MS, read.lad, read.command, read.response))
    told = Description(read.lad, read.command, read.response, _MOST_FIELDS)
    return {
        "kind": "exchange",
        "number": number,
        "link": read.link,
        "moment": found.moment,
        "ms": (read.ended_ns - read.started_ns) / _NS_PER_MS,
        "to": found.lad.name,
        "command": found.name,
        "summary": localise(told.summary),
        "request": found.request,
        "status": None if found.word is None else f"{found.word:04X}",
        "meaning": found.meaning,
        "response": found.response,
        "fields": {
            "request": [each.as_json(localise) for each in told.request],
            "response": [each.as_json(localise) for each in told.answer],
        },
    }


def _reset_json(read: ReadReset) -> dict[str, object]:
    from tla_sim.tools.cards.names import card_name

    return {
        "kind": "reset",
        "link": read.link,
        "moment": read.ns // _NS_PER_MS,
        "to": read.lad.name,
        "atr": read.atr.hex(),
        "card": localise(card_name(read.atr)),
    }


def _zone_json(read: ReadZone) -> dict[str, object]:
    from tla_sim.tools.capture.zone_groups import show_zone

    zone = show_zone(read.data)
    return {
        "kind": "zone",
        "link": read.link,
        "moment": read.ns // _NS_PER_MS,
        "out": read.out,
        "said": read.said,
        "groups": [_group_json(each) for each in zone.groups],
        "hex": zone.rest.hex(),
        "problem": localise(zone.problem),
    }


def _group_json(group: ShownGroup) -> dict[str, object]:
    return {
        "number": group.number,
        "name": group.name,
        "problem": localise(group.problem),
        "fields": [
            {"name": each.name, "text": each.label, "value": each.value, "shown": localise(each.shown)}
            for each in group.fields
        ],
    }


def _print_read(number: int, read: Read, brief: bool) -> None:
    from tla_sim.tools.capture.reading import ReadExchange, ReadReset

    if isinstance(read, ReadExchange):
        _print_exchange(number, read, brief)
    elif isinstance(read, ReadReset):
        _print_reset(read)
    else:
        _print_zone(read, brief)


def _where(ns: int, link: str, to: str) -> str:
    from tla_sim.tools.capture.flow_words import time_text

    return f"{time_text(ns)}  {link}  {to:<7}" if link else f"{time_text(ns)}  {to:<7}"


def _print_exchange(number: int, read: ReadExchange, brief: bool) -> None:
    from tla_sim.protocol.exchange import Description

    told = Description(read.lad, read.command, read.response, _MOST_FIELDS)
    word = "----" if told.word is None else f"{told.word:04X}"
    where = _where(read.started_ns, read.link, read.lad.name)
    print_line(f"{number}  {where} {told.name}: {word} {localise(told.meaning)}")
    if brief:
        return
    if told.summary:
        print_line(f"    {localise(told.summary)}")
    _print_part(Sentence("request"), told, told.request)
    _print_part(Sentence("response"), told, told.answer)


def _print_part(title: str, told: Description, fields: tuple[LocatedField, ...]) -> None:
    said = [each for each in fields if not _is_unsaid(each, told)]
    if said:
        print_line(f"    {localise(title)}")
        _print_fields(said, 6)


def _is_unsaid(field: LocatedField, told: Description) -> bool:
    return field.name in _UNSAID or (
        told.declared is not None and field.name in _PARAMETERS and field.value == "00"
    )


def _print_fields(fields: list[LocatedField] | tuple[LocatedField, ...], indent: int) -> None:
    for field in fields:
        text = localise(field.text)
        if field.fields:
            print_line(f"{' ' * indent}{field.name}  {text}")
            _print_fields(field.fields, indent + 2)
        else:
            _print_value(indent, field.name, _value(field), text)


def _print_value(indent: int, name: str, value: str, text: str) -> None:
    said = f"({text})" if text and text != name.replace("_", " ") else ""
    print_line(f"{' ' * indent}{name}: {value}  {said}".rstrip())


def _value(field: LocatedField) -> str:
    if field.name in _PARAMETERS and field.shown:
        return f"{field.value} {localise(field.shown)}"
    if field.shown:
        return localise(field.shown)
    if isinstance(field.value, bool):
        return localise(Sentence("yes") if field.value else Sentence("no"))
    return _shorten("" if field.value is None else str(field.value))


def _shorten(text: str) -> str:
    if len(text) <= SHOWN:
        return text or "-"
    return localise(Sentence("{text}… ({count} characters)", text=text[:SHOWN], count=len(text)))


def _print_reset(read: ReadReset) -> None:
    from tla_sim.tools.cards.names import card_name

    where = _where(read.ns, read.link, read.lad.name)
    print_line(f"-  {where} {_ATR}: {read.atr.hex().upper()} {localise(card_name(read.atr))}")


def _print_zone(read: ReadZone, brief: bool) -> None:
    from tla_sim.tools.capture.zone_groups import show_zone

    zone = show_zone(read.data)
    arrow = "<-" if read.out else "->"
    print_line(f"-  {_where(read.ns, read.link, 'SSV')} {arrow} {read.said}")
    if brief:
        return
    for group in zone.groups:
        print_line(f"      {group.number}  {group.name}")
        if group.problem:
            print_line(f"        {localise(group.problem)}")
        for field in group.fields:
            value = localise(field.shown) if field.shown else _shorten(field.value)
            _print_value(8, field.name or "?", value, field.label)
    if zone.rest:
        _print_value(6, "?", _shorten(zone.rest.hex()), localise(zone.problem))
