"""Who and what is at a reader, as practice software finds out over its cable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tla_sim.host.client import ReaderClient
from tla_sim.protocol.commands.cards import PsCardData, VitaleData
from tla_sim.protocol.commands.identity import Diagnostics, Identity
from tla_sim.protocol.errors import CodecError, IncoherentAnswer, LinkError, StatusError, TlaError
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.vitale import Beneficiary
from tla_sim.tools.web.surgery.work import SurgeryBusy

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader
    from tla_sim.tools.web.surgery.surgery import Surgery


@dataclass(frozen=True, slots=True)
class AtReader:
    """What a reader says of itself and of its slots; `card_problem` is why the PS card cannot be read."""

    identity: Identity
    health: Diagnostics
    card: PsCardData | None
    card_problem: TlaError | None


def look_at(surgery: Surgery, reader: RunningReader) -> AtReader | TlaError | None:
    """Return what a reader says, or why it cannot be asked; `None` while the practice is at work with it."""
    try:
        with surgery.looking(reader) as client:
            return _ask(client)
    except SurgeryBusy:
        return None
    except (LinkError, StatusError) as error:
        return error


def _ask(client: ReaderClient) -> AtReader:
    identity, health = client.identify(), client.diagnostics()
    card, problem = None, None
    if health.ps_card:
        try:
            card = client.read_ps_card()
        except StatusError as error:
            problem = error
    return AtReader(identity, health, card, problem)


def beneficiaries_of(vitale: VitaleData) -> tuple[str, ...]:
    """Return the names on a Vitale card, the insured's first. Raises `IncoherentAnswer`."""
    try:
        groups = decode_typed(vitale.groups)
    except CodecError as error:
        raise IncoherentAnswer(error.message, "Take the card out, insert it again and retry") from None
    people = (each for each in groups if isinstance(each, Beneficiary))
    return tuple(f"{each.usual_name} {each.first_name}".rstrip() for each in people)
