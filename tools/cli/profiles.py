"""tla profiles"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tla_sim.protocol.sentence import Joined, Sentence, sentences
from tla_sim.tools.cli.output import JsonOption, print_json, print_table
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.software.profile import Profile

verb = new_verb()


@verb.command()
def profiles(as_json: JsonOption = False) -> None:
    """List the versions of the reader software, and what each can do.

    `tla sim --profile NAME` runs a reader with one of them; `tla image build NAME` makes its image.
    """
    from tla_sim.reader_fw.app.software.profiles import PROFILES

    if as_json:
        print_json([_facts(profile) for profile in PROFILES])
        return
    print_table(
        sentences("name", "version", "date", "CDC", "owners", "invoices", "can do", "missing commands"),
        [
            (
                profile.name,
                profile.version,
                profile.released,
                profile.cdc,
                profile.max_owners,
                profile.max_documents,
                Joined(", ", _abilities(profile)),
                ", ".join(_missing_commands(profile)),
            )
            for profile in PROFILES
        ],
        right=("owners", "invoices"),
        optional=("date", "CDC", "missing commands"),
    )


def _abilities(profile: Profile) -> list[str]:
    from tla_sim.host.park.abilities import abilities

    found = abilities(profile.capability_mask)
    return [*found, Sentence("altered software")] if profile.altered else found


def _missing_commands(profile: Profile) -> list[str]:
    from tla_sim.protocol.commands.instructions import Ins

    return [f"{instruction:02X}" for instruction in Ins if not profile.knows(instruction)]


def _facts(profile: Profile) -> dict[str, object]:
    from tla_sim.protocol.commands.capability import Capability

    return {
        "name": profile.name,
        "version": str(profile.version),
        "date": profile.released.isoformat(),
        "cdc_version": str(profile.cdc),
        "capabilities": [each.name.lower() for each in Capability if each in profile.capabilities],
        "max_owners": profile.max_owners,
        "max_invoices": profile.max_documents,
        "lacks_commands": _missing_commands(profile),
        "never_below": str(profile.floor),
        "altered": profile.altered,
    }
