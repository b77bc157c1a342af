"""A typed client of the reader: one method per command, over any transport.

Statuses become typed errors. A reader that answers against its declaration, or is replaced by another one
during a session, raises `IncoherentAnswer`. No command that could change the reader twice is retried.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.apdu import MAX_NE, CommandApdu, ResponseApdu
from tla_sim.protocol.commands.declaration import CLA, Command, Empty
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.load import BATCH_BYTES, MAX_BATCH_BYTES, acknowledgement_digest
from tla_sim.protocol.errors import (
    CodecError,
    IncoherentAnswer,
    LinkError,
    PortUnavailable,
    ReaderHeld,
    StatusError,
)
from tla_sim.protocol.groups.declaration import Group, decode_typed
from tla_sim.protocol.sentence import Sentence

if TYPE_CHECKING:
    from tla_sim.host.documents import DocumentOnBoard
    from tla_sim.protocol.commands.cards import PsCardData, VitaleData
    from tla_sim.protocol.commands.certifying import FinalSignature
    from tla_sim.protocol.commands.identity import Diagnostics, Identity
    from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpened, LoadOpening
    from tla_sim.protocol.commands.unloading import UnloadedDocument
    from tla_sim.protocol.documents.document_id import DocumentId
    from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
    from tla_sim.protocol.groups.reader import ReaderConfiguration

Q = TypeVar("Q")
A = TypeVar("A")

_LOG: Final = logging.getLogger("tla_sim.client")
_LOG.addHandler(logging.NullHandler())
_TRIES: Final = 2
_MAX_LISTED: Final = 65_535


class ReaderClient:
    """A client of Log_SV over a transport, with a method for each command.

    `entropy` returns random bytes for the code porteur's channel, by default the system's. `batch_bytes` is
    the content that one exchange carries, by default what suits the line.

        >>> client = tla_sim.ReaderClient(reader.transport("serial"))
        >>> client.identify().major
        1
    """

    def __init__(
        self,
        transport: Transport,
        entropy: Callable[[int], bytes] = os.urandom,
        batch_bytes: int | None = None,
    ) -> None:
        self._transport = transport
        self._entropy = entropy
        self._serial: str | None = None
        self._batch_bytes = batch_bytes

    @property
    def batch_bytes(self) -> int:
        """The bytes of content that one exchange carries."""
        if self._batch_bytes is None:
            self._batch_bytes = MAX_BATCH_BYTES if self._transport.baud is None else BATCH_BYTES
        return self._batch_bytes

    def call(self, command: Command[Q, A], request: Q) -> A:
        """Send one command and return its typed answer.

        Raises `StatusError` when the reader refuses, `ReaderHeld` when another host holds it,
        `IncoherentAnswer` when the answer is not as declared, and any `LinkError` of the transport. A command
        that changes nothing is tried twice.
        """
        data = command.request.build(request)
        ne = MAX_NE if command.response.fields else 0
        raw = CommandApdu(CLA, command.ins, 0, 0, data, ne).build()
        answer = self._exchange(raw, _TRIES if not command.changes else 1)
        try:
            response = ResponseApdu.parse(answer)
            _LOG.debug(
                "%s: %d bytes, %04X with %d bytes", command.name, len(data), response.word, len(response.data)
            )
            if response.word == Status.OK:
                return command.response.parse(response.data)
        except CodecError as error:
            told = Sentence("{command}: {problem}", command=command.name, problem=error.message)
            raise _incoherent(told) from None
        if response.word == Status.READER_HELD:
            raise ReaderHeld(Status.READER_HELD.en, Status.READER_HELD.en_action)
        raise StatusError(response.word)

    def _exchange(self, raw: bytes, tries: int) -> bytes:
        for left in range(tries - 1, -1, -1):
            try:
                return self._transport.transmit(raw)
            except (PortUnavailable, ReaderHeld):
                raise
            except LinkError as error:
                if not left:
                    raise
                _LOG.debug("the exchange failed and is tried again: %s", error.message)
        raise AssertionError("at least one try")

    def identify(self) -> Identity:
        """Return the reader's identity.

        Raises `IncoherentAnswer` when it is not the same reader as before.
        """
        from tla_sim.protocol.commands.identity import IDENTIFY

        identity = self.call(IDENTIFY, Empty())
        if self._serial is None:
            self._serial = identity.serial_number
        elif self._serial != identity.serial_number:
            raise _incoherent(
                Sentence(
                    "This is reader {serial_number}, it was {expected} a moment ago",
                    serial_number=identity.serial_number,
                    expected=self._serial,
                )
            )
        return identity

    def configuration(self) -> tuple[ReaderConfiguration, ...]:
        """Return group 61, one entry per component."""
        from tla_sim.protocol.commands.identity import READ_CONFIGURATION
        from tla_sim.protocol.groups.reader import ReaderConfiguration

        groups = _groups(self.call(READ_CONFIGURATION, Empty()).groups)
        return tuple(group for group in groups if isinstance(group, ReaderConfiguration))

    def clock(self) -> int:
        """Return the reader's date and time, in ms since 1970-01-01 00:00 local time."""
        from tla_sim.protocol.commands.identity import READ_CLOCK

        return self.call(READ_CLOCK, Empty()).moment

    def set_clock(self, moment: int) -> int:
        """Set the clock (ms since 1970-01-01 00:00 local time); return what it showed before."""
        from tla_sim.protocol.commands.identity import SET_CLOCK, Moment

        return self.call(SET_CLOCK, Moment(moment)).moment

    def diagnostics(self) -> Diagnostics:
        """Return the reader's state of health."""
        from tla_sim.protocol.commands.identity import DIAGNOSTICS

        return self.call(DIAGNOSTICS, Empty())

    def read_ps_card(self) -> PsCardData:
        """Return the card in the PS slot, and open the channel for its code."""
        from tla_sim.protocol.commands.cards import READ_PS_CARD

        return self.call(READ_PS_CARD, Empty())

    def verify_code(self, code: str, card: PsCardData | None = None) -> PsCardData:
        """Verify the code porteur (4 to 8 digits), sent enciphered; return the card it was verified on.

        Raises `CodeFormatError` before anything is sent, `StatusError` for a wrong or blocked code,
        `IncoherentAnswer` when the card is read otherwise afterwards.
        """
        from tla_sim.protocol.code_channel import KEY_BYTES, CodeChannelEnd
        from tla_sim.protocol.code_format import check_code
        from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry, CodePresentation

        check_code(code)
        card = card or self.read_ps_card()
        channel = CodeChannelEnd(self._entropy(KEY_BYTES))
        cryptogram = channel.seal(code, card.code_key, card.serial)
        self.call(VERIFY_CODE, CodePresentation(CodeEntry.HOST, channel.public_key, cryptogram))
        return self._read_alike(card)

    def verify_code_at_reader(self) -> PsCardData:
        """Have the code porteur entered on the reader's keypad; otherwise as `verify_code`."""
        from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry, CodePresentation

        card = self.read_ps_card()
        self.call(VERIFY_CODE, CodePresentation(CodeEntry.KEYPAD, b"", b""))
        return self._read_alike(card)

    def _read_alike(self, card: PsCardData) -> PsCardData:
        """Return the card as it is read now, which must equal the first reading.

        Only this answer says whose invoices it signs, and nothing but the line's checksum protects it.
        """
        again = self.read_ps_card()
        if (again.profile, again.kind, again.serial) != (card.profile, card.kind, card.serial) or (
            again.groups != card.groups
        ):
            raise _incoherent(Sentence("The PS card was read in two different ways"))
        return again

    def read_vitale(self, moment: int = 0) -> VitaleData:
        """Return the Vitale card and how many of its beneficiaries have rights at a moment (0: the reader's
        date)."""
        from tla_sim.protocol.commands.cards import READ_VITALE, VitaleRequest

        return self.call(READ_VITALE, VitaleRequest(moment))

    def open_load(self, opening: LoadOpening) -> LoadOpened:
        """Begin or resume a load."""
        from tla_sim.protocol.commands.loading import OPEN_LOAD

        return self.call(OPEN_LOAD, opening)

    def load_batch(self, batch: LoadedBatch) -> int:
        """Send some documents of the open load; return how many documents of it the reader now has."""
        from tla_sim.protocol.commands.loading import LOAD_INVOICE

        return self.call(LOAD_INVOICE, batch).stored

    def commit_load(self, load_id: bytes, count: int) -> int:
        """Commit the load; return how many documents it brought."""
        from tla_sim.protocol.commands.loading import COMMIT_LOAD, LoadCommit

        return self.call(COMMIT_LOAD, LoadCommit(load_id, count)).stored

    def list_documents(self, owner: str = "") -> tuple[DocumentOnBoard, ...]:
        """Return the documents on board, of one owner or of all."""
        from tla_sim.host.documents import DocumentOnBoard
        from tla_sim.protocol.commands.loading import LIST_INVOICES, ListRequest
        from tla_sim.protocol.documents.document_id import DocumentId

        found: list[DocumentOnBoard] = []
        while True:
            part = self.call(LIST_INVOICES, ListRequest(owner, len(found)))
            before = len(found)
            found += [
                DocumentOnBoard(
                    DocumentId(each.owner, entry.number, entry.kind),
                    entry.state,
                    entry.fingerprint,
                    entry.size,
                )
                for each in part.owners
                for entry in each.documents
            ]
            if len({document.id for document in found}) != len(found):
                raise _incoherent(Sentence("The reader lists an invoice twice"))
            if len(found) >= part.total:
                return tuple(found)
            if len(found) == before or len(found) > _MAX_LISTED:
                raise _incoherent(Sentence("The list of invoices does not end where the reader says"))

    def unload(self, names: Sequence[DocumentId]) -> tuple[UnloadedDocument, ...]:
        """Return certified documents by name: the first of those asked for that fit in one answer, at least
        one."""
        from tla_sim.protocol.commands.unloading import UNLOAD_FSE, UnloadRequest

        answers = self.call(UNLOAD_FSE, UnloadRequest(self.batch_bytes, tuple(names))).documents
        if not 1 <= len(answers) <= len(names):
            raise _incoherent(
                Sentence("{count} documents came for {asked} asked for", count=len(answers), asked=len(names))
            )
        return answers

    def unload_next(self) -> tuple[bytes, ...]:
        """Return the next certified documents that the card may take, none when all were returned."""
        from tla_sim.protocol.commands.unloading import UNLOAD_FSE, UnloadRequest

        answers = self.call(UNLOAD_FSE, UnloadRequest(self.batch_bytes, ())).documents
        for answer in answers:
            if answer.status != Status.OK:
                raise _incoherent(
                    Sentence("A document came with status {status:04X} unasked", status=answer.status)
                )
        return tuple(answer.content for answer in answers)

    def acknowledge(self, fingerprints: Mapping[DocumentId, bytes]) -> int:
        """Acknowledge documents that are on disk, by their fingerprints; return how many the reader now
        removed."""
        from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, Acknowledgement

        digest = acknowledgement_digest(fingerprints.values())
        return self.call(ACKNOWLEDGE_FSE, Acknowledgement(digest, tuple(fingerprints))).removed

    def acknowledge_last(self, fingerprints: Iterable[bytes]) -> int:
        """Acknowledge that all documents of the last unloading are on disk; return how many the reader now
        removed."""
        from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, Acknowledgement

        return self.call(ACKNOWLEDGE_FSE, Acknowledgement(acknowledgement_digest(fingerprints), ())).removed

    def erase(self, owner: str) -> int:
        """Erase an owner's documents; return how many there were."""
        from tla_sim.protocol.commands.unloading import ERASE, EraseRequest

        return self.call(ERASE, EraseRequest(owner)).removed

    def beneficiaries(self, owner: str) -> tuple[Group, ...]:
        """Return the owner's patients as read on the round."""
        from tla_sim.protocol.commands.unloading import UNLOAD_BENEFICIARIES, BeneficiariesRequest

        return _groups(self.call(UNLOAD_BENEFICIARIES, BeneficiariesRequest(owner)).groups)

    def certify(self, kind: DocumentKind, mode: SecurityMode, content: bytes) -> bytes:
        """Certify one invoice at the desk; return the FSE."""
        from tla_sim.protocol.commands.certifying import CERTIFY, CertifyRequest

        return self.call(CERTIFY, CertifyRequest(kind, mode, content)).content

    def sign_final(self, documents: Sequence[bytes]) -> tuple[FinalSignature, ...]:
        """Return the owner's final signature under each document, or the status that refuses it."""
        from tla_sim.protocol.commands.certifying import SIGN_FINAL, FinalSignatureRequest

        answers = self.call(SIGN_FINAL, FinalSignatureRequest(tuple(documents))).blocks
        if len(answers) != len(documents):
            raise _incoherent(
                Sentence(
                    "{count} signatures came for {asked} documents",
                    count=len(answers),
                    asked=len(documents),
                )
            )
        return answers

    def sign_lots(self, headers: Sequence[bytes]) -> tuple[FinalSignature, ...]:
        """Return the owner's signature over each lot, or the status that refuses it."""
        from tla_sim.protocol.commands.certifying import SIGN_LOT, LotSignatureRequest

        answers = self.call(SIGN_LOT, LotSignatureRequest(tuple(headers))).blocks
        if len(answers) != len(headers):
            raise _incoherent(
                Sentence("{count} signatures came for {asked} lots", count=len(answers), asked=len(headers))
            )
        return answers

    def open_update(self, head: bytes) -> bytes:
        """Begin or resume an update with its image's signed manifest; return the bitmap of the blocks already
        there."""
        from tla_sim.protocol.commands.updating import OPEN_UPDATE, UpdateOpening

        return self.call(OPEN_UPDATE, UpdateOpening(head)).present

    def update_block(self, position: int, content: bytes) -> int:
        """Send one chunk of the open update; return how many the reader now has."""
        from tla_sim.protocol.commands.updating import UPDATE_BLOCK, UpdateBlock

        return self.call(UPDATE_BLOCK, UpdateBlock(position, content)).present

    def activate_update(self, image_id: bytes) -> None:
        """Have the reader check the whole image and run it; the reader restarts."""
        from tla_sim.protocol.commands.updating import ACTIVATE_UPDATE, UpdateActivation

        self.call(ACTIVATE_UPDATE, UpdateActivation(image_id))


def _groups(raw: bytes) -> tuple[Group, ...]:
    if not raw:
        return ()
    try:
        return decode_typed(raw)
    except CodecError as error:
        raise _incoherent(error.message) from None


def _incoherent(what: str) -> IncoherentAnswer:
    return IncoherentAnswer(what, "Switch the reader off and on, wait for ATTENTE ORDRE, then try again")
