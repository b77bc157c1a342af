"""Lots: what is ready, by recipient and owner, what may not leave and why; and making files of it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.ready_lists import HeldBackGroup, ReadyGroup, held_back_groups, ready_groups
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.sending.lots import FilesMade, make_lots
from tla_sim.host.sending.ready import check_signs_lots, check_signs_some
from tla_sim.protocol.errors import LinkError, StatusError, TlaError
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.bench import TwinReaders
from tla_sim.tools.web.practice.lot_answers import LotsMade, LotsNow, LotsOrder, lots_made, lots_now
from tla_sim.tools.web.surgery.answers import ReaderName
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.hindrances import NothingToDo
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.surgery import Surgery, authenticate
from tla_sim.tools.web.surgery.work import Action, SurgeryBusy

router = APIRouter(prefix="/v1/practice/lots", tags=["practice"])

WhichReader = Annotated[
    ReaderName | None, Query(description="The reader whose card is asked, by default the first.")
]
_NO_READER: Final = DeskRefused("There is no reader", "Make one on the bench")


@router.get("")
async def show_lots(asked: SurgeryAsked, reader: WhichReader = None) -> LotsNow:
    """Return what is ready to be put into lots, what still lacks a signature, and whether the card in a
    reader's PS slot can sign the lots, which takes no code."""
    ready, held_back = await asked.look(_groups)
    holder = await _holder(asked, reader)
    return lots_now(ready, held_back, holder, _why_not(ready, holder), asked.say)


@router.post("")
async def make_files(order: LotsOrder, asked: SurgeryAsked) -> LotsMade:
    """Put what the card's owner may send into lots, have the card sign them, and make files of them.

    Every signature of every document is verified first. Without `numbers` these are all invoices of the
    owner.
    """
    reader = asked.reader(order.reader)
    numbers = tuple(dict.fromkeys(order.numbers))
    return lots_made(await asked.do(lambda surgery: make(surgery, reader, order.secret, numbers)), asked.say)


def make(
    surgery: Surgery, reader: RunningReader, code: str | None, numbers: tuple[str, ...] = ()
) -> FilesMade:
    """Make lots and files of what the owner of the card in a reader may send; without a code, it is asked for
    on the reader's keys. A card that may not sign lots is refused before the code is used.

    Raises as `tla_sim.make_lots` and `ReaderClient.verify_code`.
    """
    with surgery.at_work(reader, Action.LOTS) as (work, client, ledger):
        check_signs_lots(PsCardHolder.of(client.read_ps_card()))
        card = authenticate(client, work, code)
        return make_lots(client, ledger, card=card, numbers=numbers, on_progress=work.go_on)


def _groups(kept: KeptLedger) -> tuple[list[ReadyGroup], list[HeldBackGroup]]:
    def find(ledger: Ledger) -> tuple[list[ReadyGroup], list[HeldBackGroup]]:
        return ready_groups(ledger), held_back_groups(ledger)

    return kept.remember("lots", find)


def _why_not(ready: list[ReadyGroup], holder: PsCardHolder | TlaError | None) -> TlaError | None:
    """Return why no lot can be made of what is ready, `None` where it can."""
    if not ready:
        return NothingToDo(
            "Nothing is ready to be put into lots", "Certify it and give its final signatures first"
        )
    try:
        if isinstance(holder, PsCardHolder):
            check_signs_some(ready, holder)
    except DeskRefused as error:
        return error
    return holder if isinstance(holder, TlaError) else None


async def _holder(asked: SurgeryAsked, reader: str | None) -> PsCardHolder | TlaError | None:
    """Return whose card is in the PS slot, or why it cannot be asked; `None` while the practice is at work
    with the reader."""
    bench = asked.bench
    shown = next(iter(bench.readers), None) if reader is None else bench.find(reader)
    if shown is None:
        return _NO_READER
    try:
        running = asked.reader(shown.name)
    except TwinReaders as error:
        return error
    return await asked.do(lambda surgery: _ask(surgery, running))


def _ask(surgery: Surgery, reader: RunningReader) -> PsCardHolder | TlaError | None:
    try:
        with surgery.looking(reader) as client:
            return PsCardHolder.of(client.read_ps_card())
    except SurgeryBusy:
        return None
    except (LinkError, StatusError) as error:
        return error
