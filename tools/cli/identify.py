"""tla identify"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.sentence import Joined, Sentence, sentences
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json, print_line, print_table
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.protocol.commands.identity import Identity

verb = new_verb()

_NAMES: Final = {
    "manufacturer": Sentence("manufacturer"),
    "reader_type": Sentence("reader type"),
    "serial_number": Sentence("serial number"),
    "operating_system": Sentence("operating system"),
    "max_owners": Sentence("max owners"),
    "max_invoices": Sentence("max invoices"),
    "version": Sentence("version"),
    "cdc_version": Sentence("cdc version"),
}
"""The fields of an identification that people read, in order."""


@verb.command()
def identify(
    reader: ReaderOption = "",
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Identify the reader: who made it, its serial number, its software version and what it can do."""
    from tla_sim.host.park.abilities import abilities

    with open_reader(reader, trace, level) as client:
        identity = client.identify()
        components = _components(client)
    facts = _facts(identity)
    if as_json:
        print_json(facts | {"components": components})
        return
    print_facts({_NAMES[name]: value for name, value in facts.items() if name in _NAMES})
    print_line(
        Sentence(
            "Capabilities: {capabilities}", capabilities=Joined(", ", abilities(identity.capabilities)) or "–"
        )
    )
    print_table(
        sentences("component", "version", "date", "checksum"),
        [tuple(each[name] for name in ("name", "version", "date", "checksum")) for each in components],
    )


def _facts(identity: Identity) -> dict[str, object]:
    fields = dataclasses.asdict(identity)
    version = f"{fields.pop('major')}.{fields.pop('minor'):02}"
    cdc = f"{fields.pop('cdc_major')}.{fields.pop('cdc_minor'):02}"
    return fields | {"version": version, "cdc_version": cdc, "capabilities": _capabilities(identity)}


def _capabilities(identity: Identity) -> list[str]:
    from tla_sim.protocol.commands.capability import Capability

    return [each.name.lower() for each in Capability if identity.capabilities & each]


def _components(client: ReaderClient) -> list[dict[str, str]]:
    return [
        {
            "name": each.component_name,
            "version": each.component_version,
            "date": "" if each.component_date is None else each.component_date.isoformat(),
            "checksum": each.component_checksum,
        }
        for each in client.configuration()
    ]
