"""Log_SV, the reader's own software, as its handlers and screens use it.

Everything it needs comes through the board; everything it must not forget is in the invoice store and the
settings on the board's flash. `handlers/dispatch.py` carries out command APDUs on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.moment import LATEST_MOMENT
from tla_sim.reader_fw.app.card_bay import CardBay
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.reader_fw.app.certification import Certifier, SignedDocument
    from tla_sim.reader_fw.app.inserted_cards import InsertedPs, InsertedVitale
    from tla_sim.reader_fw.app.session import Session
    from tla_sim.reader_fw.app.software.firmware import Firmware
    from tla_sim.reader_fw.app.store.invoice_index import InvoiceIndex
    from tla_sim.reader_fw.app.store.patients_met import PatientsMet
    from tla_sim.reader_fw.app.store.storage import Storage
    from tla_sim.reader_fw.board.board import Board

_RTC_OFFSET: Final = "rtc-offset"


class LogSv:
    """One running instance of the reader software, from power-on to power-off.

    `anchors` returns the trusted authorities; it is called when a card or signature is first checked.
    """

    def __init__(
        self,
        board: Board,
        firmware: Firmware,
        anchors: Callable[[], TrustAnchors],
        storage: Storage,
        serial_number: str,
        boots: int,
    ) -> None:
        self.board = board
        self.firmware = firmware
        self.profile = firmware.profile
        self.store = storage.store
        self.settings = storage.settings
        self.serial_number = serial_number
        self.boots = boots
        self.cards = CardBay(board.slots, anchors)
        self._anchors = anchors
        self._rtc_offset = int.from_bytes(self.settings.get(_RTC_OFFSET) or b"", "big", signed=True)

    @cached_property
    def index(self) -> InvoiceIndex:
        """The documents on board, by patient."""
        from tla_sim.reader_fw.app.store.invoice_index import InvoiceIndex

        return InvoiceIndex(self.store)

    @cached_property
    def patients(self) -> PatientsMet:
        """The patients met on the round."""
        from tla_sim.reader_fw.app.store.patients_met import PatientsMet

        return PatientsMet(self.store)

    @cached_property
    def certifier(self) -> Certifier:
        """The certifier, which signs with the cards in the slots."""
        from tla_sim.reader_fw.app.certification import Certifier

        partial = Capability.PARTIAL_CERTIFICATION in self.profile.capabilities
        return Certifier(self.serial_number, self._anchors(), self.moment, self.store.next_counter, partial)

    def moment(self) -> int:
        """Return the reader's date and time: milliseconds since 1970-01-01 00:00, local time.

        It stops at the last moment that groups can express.
        """
        return min(self.board.clock.now_ms + self._rtc_offset, LATEST_MOMENT)

    def set_moment(self, moment: int) -> None:
        """Set the reader's clock."""
        # Kept as the distance from the board's clock, which runs on while the reader is off.
        offset = moment - self.board.clock.now_ms
        self.settings.put(_RTC_OFFSET, offset.to_bytes(8, "big", signed=True))
        self._rtc_offset = offset

    def keep(
        self, signed: Sequence[SignedDocument], ps: InsertedPs, vitale: InsertedVitale | None = None
    ) -> None:
        """Keep documents that were just signed, in one write, and the Vitale's groups of their patients."""
        from tla_sim.protocol.documents.document import Document
        from tla_sim.reader_fw.app.store.errors import StoreFull
        from tla_sim.reader_fw.app.store.invoice_store import CertifiedDocument

        if not signed:
            return
        for each in signed:
            self.index.note_signer(each.candidate.key, ps.serial)
        self.store.certify(
            [
                CertifiedDocument(
                    each.candidate.key, each.state, Document(each.content), Document.of(each.candidate.fse)
                )
                for each in signed
            ]
        )
        if vitale is not None:
            owners = [each.candidate.key.owner for each in signed]
            groups = vitale.groups_of(each.candidate.beneficiary for each in signed)
            with suppress(StoreFull):  # the signatures are safe; the patient's groups can be done without
                self.patients.meet(owners, vitale.serial, ps.serial, groups)

    def check_housing(self) -> None:
        """Refuse once the housing was opened: the reader then neither signs nor takes anything in."""
        # What is on board may still be listed, unloaded and erased: it was made before and must not be lost.
        if self.board.tamper.tripped:
            raise Refusal(Status.TAMPERED)

    def require_code(self, session: Session) -> None:
        """Refuse unless this link has verified the code of the PS card now in the slot."""
        # By insertion: the same card, taken out and put back, may be in another person's hands.
        ps = self.cards.ps()
        if session.verified_insertion != ps.insertion:
            raise Refusal(Status.NOT_AUTHENTICATED)
