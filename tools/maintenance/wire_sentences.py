"""The sentences in the declarations of what travels, which traces show: commands, records and fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.documents.fse import HEADER, SIGNED_PART
from tla_sim.protocol.slot_order import SLOT_STATE
from tla_sim.protocol.wire.located import first_line
from tla_sim.protocol.wire.record import Record


def wire_sentences() -> Iterator[tuple[str, str]]:
    """Yield each sentence with the file that declares it."""
    for command in COMMANDS:
        yield f"protocol/commands/{command.ins.topic.value}.py", command.summary
        yield from _of_record(command.request)
        yield from _of_record(command.response)
    for record in (HEADER, SIGNED_PART, SLOT_STATE):
        yield from _of_record(record)


def _of_record(record: Record[Any]) -> Iterator[tuple[str, str]]:
    place = record.type.__module__.removeprefix("tla_sim.").replace(".", "/") + ".py"
    for field in record.fields.values():
        yield place, field.doc
        if field.nested is not None:
            yield place, first_line(field.nested)
            yield from _of_record(field.nested)
