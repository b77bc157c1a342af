"""What the home screen is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tla_sim.host.desk.waiting import Counted, Waiting
from tla_sim.host.practice.model import Practice
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.cards import PsCardData, VitaleData
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import StatusError, TlaError
from tla_sim.tools.web.api.model import Told
from tla_sim.tools.web.practice.at_reader import AtReader, beneficiaries_of
from tla_sim.tools.web.practice.send_folder import SendFolder
from tla_sim.tools.web.surgery.answers import Say, ToSign, WhyNot, WorkShown, why_not

CardWord = Literal["cps", "cpe", "cpf"]
RoleWord = Literal["owner", "employee", "other"]


class PsCardNow(Told):
    """The card in the PS slot.

    `role` is owner for a CPS of somebody whose invoices the practice bills, employee for a CPE or CPF, other
    for another professional's. `owns` are the billing numbers that it may sign for. `verified`: its code was
    verified just now.
    """

    card: CardWord
    holder: str
    serial: str
    role: RoleWord
    owns: list[str]
    tries_left: Annotated[int, Field(ge=0)]
    verified: bool


class VitaleNow(Told):
    """The Vitale card: who is on it, the insured first, and how many of them have rights today."""

    beneficiaries: list[str]
    with_rights: int


class ReaderNow(Told):
    """A reader as the practice sees it.

    `asked` is false while the practice is at work with it: what the cards are is not known then. `problem`
    says why it does not answer; then version and what follows are empty. `opened` says that it answers, and
    yet certifies nothing any more, since its case was opened.
    """

    name: str
    serial: str
    asked: bool
    problem: WhyNot | None
    opened: WhyNot | None
    version: str
    several_owners: bool
    invoices: int
    most_invoices: int
    ps: PsCardNow | None
    ps_problem: WhyNot | None
    vitale: bool


class CountNow(Told):
    """How many there are, and their total in cents."""

    count: int
    total: int


class ListCount(Told):
    """A list before transmission by its number, 1 to 5, with its count and its total in cents."""

    list: Annotated[int, Field(ge=1, le=5)]
    count: int
    total: int


class SignatureDue(ToSign):
    """What waits for the final signature of an owner's CPS, with what it claims in cents."""

    total: int


class HomeNow(Told):
    """What the practice's first screen shows; `reader` is `null` when the server has none."""

    practice: str
    ledger: str | None = Field(description="The ledger's file; none when it goes with the server.")
    reader: ReaderNow | None
    prepared: CountNow
    lists: list[ListCount]
    rejected: CountNow
    to_sign: list[SignatureDue]
    send_folder: SendFolder | None = Field(description="Where files may be sent, as a proposal.")
    work: list[WorkShown]


class CardTried(Told):
    """A PS card whose code was verified, and the Vitale beside it, if there is one."""

    ps: PsCardNow
    vitale: VitaleNow | None


def reader_now(
    name: str, serial: str, found: AtReader | TlaError | None, practice: Practice, say: Say
) -> ReaderNow:
    """Word what a reader said, or why it said nothing."""
    if not isinstance(found, AtReader):
        return ReaderNow(
            name=name,
            serial=serial,
            asked=found is not None,
            problem=None if found is None else why_not(found, say),
            opened=None,
            version="",
            several_owners=False,
            invoices=0,
            most_invoices=0,
            ps=None,
            ps_problem=None,
            vitale=False,
        )
    identity, health = found.identity, found.health
    return ReaderNow(
        name=name,
        serial=identity.serial_number,
        asked=True,
        problem=None,
        opened=why_not(StatusError(Status.TAMPERED), say) if health.tamper else None,
        version=f"{identity.major}.{identity.minor:02}",
        several_owners=bool(identity.capabilities & Capability.MULTI_OWNER),
        invoices=health.invoices,
        most_invoices=health.max_invoices,
        ps=None if found.card is None else ps_card_now(found.card, practice),
        ps_problem=None if found.card_problem is None else why_not(found.card_problem, say),
        vitale=health.vitale_card,
    )


def ps_card_now(card: PsCardData, practice: Practice) -> PsCardNow:
    """Word whose card it is. Raises `IncoherentAnswer`."""
    holder = PsCardHolder.of(card)
    owns = holder.owns if holder.profile is CardProfile.CPS else ()
    role: RoleWord = "employee"
    if holder.profile is CardProfile.CPS:
        role = "owner" if any(each in practice.owners for each in owns) else "other"
    return PsCardNow(
        card=_CARDS[holder.card],
        holder=holder.name,
        serial=card.serial,
        role=role,
        owns=list(owns),
        tries_left=card.tries_left,
        verified=card.verified,
    )


def vitale_now(vitale: VitaleData) -> VitaleNow:
    """Word who is on a Vitale card. Raises `IncoherentAnswer`."""
    return VitaleNow(beneficiaries=list(beneficiaries_of(vitale)), with_rights=vitale.valid)


def count_now(counted: Counted) -> CountNow:
    """Word a count."""
    return CountNow(count=counted.count, total=counted.total)


def list_counts(waiting: Waiting) -> list[ListCount]:
    """Word the counts of the five lists."""
    return [
        ListCount(list=int(each), count=counted.count, total=counted.total)
        for each, counted in sorted(waiting.lists.items())
    ]


_CARDS: dict[str, CardWord] = {"CPS": "cps", "CPE": "cpe", "CPF": "cpf"}
