"""The code that a program gets for a failure."""

from __future__ import annotations

import pytest

from tla_sim.host.ledger.errors import (
    DocumentDamaged,
    EntryDamaged,
    LedgerFull,
    LedgerHeld,
    LedgerTooNew,
    LedgerUnwritable,
    LoadedElsewhere,
)
from tla_sim.host.ssv.failure import code_of
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.errors import (
    ConnectionLost,
    ExchangeAbandoned,
    LinkProtocolError,
    NoAnswer,
    PortUnavailable,
    ReaderHeld,
    StatusError,
    TlaError,
)

DOCUMENT = DocumentId("1", "2", DocumentKind.FSE)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ReaderHeld(""), 0x0004),
        (NoAnswer(""), 0x0400),
        (LinkProtocolError(""), 0x0200),
        (ExchangeAbandoned(""), 0x0040),
        (PortUnavailable(""), 0x800C),
        (ConnectionLost(""), 0xF101),
        (StatusError(Status.PS_CARD_ABSENT), 0xF001),
        (StatusError(Status.CODE_WRONG), 0xF003),
        (StatusError(Status.NO_FREE_SLOT), 0xF0FF),
        (LedgerHeld("ledger.db"), 0x0004),
        (LedgerFull("ledger.db"), 0xF6F2),
        (LedgerUnwritable("ledger.db", "no"), 0xF6F2),
        (LedgerTooNew("ledger.db", 9, 3), 0xF0FF),
        (DocumentDamaged(DOCUMENT, EntryDamaged("ledger.db", "", "")), 0xF0FF),
        (LoadedElsewhere(DOCUMENT, "TLA0002"), 0xF0FF),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, TlaError) else "",
)
def test_each_failure_has_its_code(error: TlaError, code: int) -> None:
    assert code_of(error) == code


def test_a_call_that_must_not_be_repeated_is_not_told_to_be() -> None:
    assert code_of(LinkProtocolError(""), repeatable=False) == 0x0040
