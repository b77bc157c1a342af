"""What the surgery's routes tell of one reader, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pydantic import Field

from tla_sim.host.documents import DocumentOnBoard
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.api.model import Told
from tla_sim.tools.web.surgery.answers import Say, WhyNot, why_not
from tla_sim.tools.web.surgery.surgery import AtReader
from tla_sim.tools.web.surgery.work import Action


class OnBoard(Told):
    """How many documents on a reader are in which state."""

    loaded: int
    partial: int
    complete: int
    cancelled: int


class PatientOnBoard(Told):
    """How many documents of a patient the ledger has on a reader."""

    name: str
    count: int


class OnOtherReader(Told):
    """How many documents the ledger has on another reader."""

    serial: str
    reader: str | None = Field(description="What the server calls it; none when it does not show it.")
    count: int


class Cannot(Told):
    """Why each of these cannot be done with a reader now; `null` for what can be tried."""

    load: WhyNot | None
    unload: WhyNot | None
    sign: WhyNot | None
    transmit: WhyNot | None


class AtReaderNow(Told):
    """What the practice has on a reader, and can do with it.

    `documents` is what the reader says it has; `null` when it was not asked: the practice has nothing on it
    or is at work with it, or the cable is out. `to_sign`, `ready` and `sent` count what came from it.
    """

    documents: OnBoard | None
    patients: list[PatientOnBoard]
    loaded: int = Field(description="How many documents the ledger has on it.")
    to_sign: int
    ready: int
    sent: int
    elsewhere: list[OnOtherReader]
    cannot: Cannot


def at_reader_now(found: AtReader, say: Say) -> AtReaderNow:
    """Word what the practice has on a reader."""
    share = found.share
    return AtReaderNow(
        documents=None if share.held is None else _on_board(share.held),
        patients=[PatientOnBoard(name=name, count=count) for name, count in share.patients.items()],
        loaded=share.loaded,
        to_sign=share.to_sign,
        ready=share.ready,
        sent=share.sent,
        elsewhere=[
            OnOtherReader(serial=each.serial, reader=each.reader or None, count=each.count)
            for each in share.elsewhere
        ],
        cannot=Cannot(
            load=_cannot(found, Action.LOAD, say),
            unload=_cannot(found, Action.UNLOAD, say),
            sign=_cannot(found, Action.SIGN, say),
            transmit=_cannot(found, Action.TRANSMIT, say),
        ),
    )


def _cannot(found: AtReader, action: Action, say: Say) -> WhyNot | None:
    error: TlaError | None = found.cannot.get(action)
    return None if error is None else why_not(error, say)


def _on_board(documents: Iterable[DocumentOnBoard]) -> OnBoard:
    counts = Counter(each.state for each in documents)
    return OnBoard(
        loaded=counts[InvoiceState.LOADED],
        partial=counts[InvoiceState.PARTIAL],
        complete=counts[InvoiceState.COMPLETE],
        cancelled=counts[InvoiceState.CANCELLED],
    )
