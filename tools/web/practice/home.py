"""The home screen: who is at the reader, and what waits; and trying the card that is there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tla_sim.host.desk.waiting import Waiting, count_what_waits
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.bench import Shown, TwinReaders
from tla_sim.tools.web.practice.at_reader import AtReader, look_at
from tla_sim.tools.web.practice.home_answers import (
    CardTried,
    HomeNow,
    SignatureDue,
    count_now,
    list_counts,
    ps_card_now,
    reader_now,
    vitale_now,
)
from tla_sim.tools.web.practice.send_folder import propose_folder
from tla_sim.tools.web.surgery.answers import CardOrder, ReaderName, WorkShown
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.surgery import Surgery

router = APIRouter(prefix="/v1/practice", tags=["practice"])

WhichReader = Annotated[
    ReaderName | None, Query(description="The reader to ask, by default the first of the server.")
]


@router.get("/home")
async def show_home(asked: SurgeryAsked, reader: WhichReader = None) -> HomeNow:
    """Return who is at a reader, as it says over its cable, and what waits in the practice."""
    bench = asked.bench
    shown = next(iter(bench.readers), None) if reader is None else bench.find(reader)
    found = None if shown is None else await _look_at(shown, asked)
    surgery = asked.surgery
    waiting = await asked.look(lambda kept: _count(surgery, kept))
    practice = surgery.practice
    return HomeNow(
        practice=practice.name,
        ledger=None if surgery.kept is None else str(surgery.kept),
        reader=None if shown is None else reader_now(shown.name, shown.serial, found, practice, asked.say),
        prepared=count_now(waiting.prepared),
        lists=list_counts(waiting),
        rejected=count_now(waiting.rejected),
        to_sign=[SignatureDue.model_validate(each, from_attributes=True) for each in waiting.to_sign],
        send_folder=propose_folder(surgery),
        work=[WorkShown.model_validate(each, from_attributes=True) for each in surgery.work.now],
    )


@router.post("/card")
async def try_card(order: CardOrder, asked: SurgeryAsked) -> CardTried:
    """Verify the code of the card in the PS slot, and read the Vitale, which takes it. The code is forgotten
    with the answer."""
    reader = asked.reader(order.reader)
    card, vitale = await asked.do(lambda surgery: surgery.try_card(reader, order.secret))
    return CardTried(
        ps=ps_card_now(card, asked.surgery.practice), vitale=None if vitale is None else vitale_now(vitale)
    )


async def _look_at(shown: Shown, asked: SurgeryAsked) -> AtReader | TlaError | None:
    try:
        running = asked.reader(shown.name)
    except TwinReaders as error:
        return error
    return await asked.do(lambda surgery: look_at(surgery, running))


def _count(surgery: Surgery, kept: KeptLedger) -> Waiting:
    return kept.remember("home", lambda ledger: count_what_waits(surgery.prepared, ledger))
