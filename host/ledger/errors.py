"""The errors of the ledger: it cannot be used, or refuses to record something."""

from __future__ import annotations

from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.errors import Category, TlaError


class LedgerError(TlaError):
    """Base of all errors of the ledger."""

    category = Category.REFUSED


class LedgerUnusable(LedgerError):
    """The ledger file itself cannot be used; the subclasses say why. `path` is the file."""

    category = Category.BAD_INPUT

    def __init__(self, path: str, message: str, action: str, /, **values: object) -> None:
        self.path = path
        super().__init__(message, action, path=path, **values)


class NotALedger(LedgerUnusable):
    """The file is not a ledger; it was not touched."""

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            "The ledger {path} is not a ledger of this program",
            "Name another file, or restore it from a backup if it was one; it was not touched",
        )


class LedgerTooNew(LedgerUnusable):
    """A later version of the program wrote the file; it was not touched."""

    def __init__(self, path: str, found: int, known: int) -> None:
        self.found = found
        super().__init__(
            path,
            "The ledger {path} has schema version {found}; this program knows versions up to {known}",
            "Update the program; the ledger was not touched",
            found=found,
            known=known,
        )


class LedgerDamaged(LedgerUnusable):
    """The file's content was altered. `reason` says what is wrong."""

    def __init__(self, path: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            path,
            "The ledger {path} is damaged: {reason}",
            "Restore it from a backup, or begin a new one and pull again what the reader still has",
            reason=reason,
        )


class EntryDamaged(LedgerUnusable):
    """One entry of the file was altered; it is set aside, and everything else works without it."""

    def __init__(self, path: str, what: str, where: str) -> None:
        self.where = where
        super().__init__(
            path,
            "{what} is damaged in the ledger {path}: {where} is not what was written",
            "Restore the ledger from a backup; all else goes on without it",
            what=what,
            where=where,
        )


class LedgerUnwritable(LedgerUnusable):
    """The file cannot be opened or written: missing folder, permissions, a failing disk."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            path,
            "The ledger {path} cannot be opened or written: {reason}",
            "Check the folder, its permissions and the disk",
            reason=reason,
        )


class LedgerUnreadable(LedgerUnusable):
    """The disk failed to return the file's content; nothing says that the file itself is damaged."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            path,
            "The ledger {path} cannot be read from its disk: {reason}",
            "Check its disk, then run the same command again",
            reason=reason,
        )


class LedgerFull(LedgerUnusable):
    """The disk is full; the batch was not written at all."""

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            "The ledger {path} cannot grow, the disk is full",
            "Free some space, then run the same command again",
        )


class LedgerHeld(LedgerUnusable):
    """Another program is writing to the ledger and did not finish in time."""

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            "The ledger {path} is in use by another program",
            "Wait for it to finish, then run the same command again",
        )


class DocumentRefused(LedgerError):
    """The ledger's rules do not allow a step of a document. Nothing of the batch was written."""

    def __init__(self, document: DocumentId, message: str, action: str, /, **values: object) -> None:
        self.document = document
        owner, number, kind = document
        name = kind.name
        super().__init__(message, action, kind=name, number=number, owner=owner, **values)


class DocumentDamaged(DocumentRefused):
    """The ledger's entry of the document was altered; nothing is done with it."""

    category = Category.BAD_INPUT

    def __init__(self, document: DocumentId, damage: EntryDamaged) -> None:
        super().__init__(document, damage.message, damage.action)


class UnknownDocument(DocumentRefused):
    """The ledger has no such document."""

    def __init__(self, document: DocumentId) -> None:
        super().__init__(
            document,
            "{kind} {number} of {owner} is not in the ledger",
            "Use the ledger that it was pushed from, or erase it from the reader",
        )


class StepRefused(DocumentRefused):
    """The document's state does not allow the step."""

    def __init__(self, document: DocumentId, state: str, step: str) -> None:
        super().__init__(
            document,
            "{kind} {number} of {owner} is {state} and cannot become {step}",
            "See in the ledger where it stands",
            state=state,
            step=step,
        )


class ContentDiffers(DocumentRefused):
    """The invoice in hand is not the one in the ledger under that number."""

    ssv = 0xF0FF

    def __init__(self, document: DocumentId, where: str, action: str) -> None:
        super().__init__(
            document,
            "{kind} {number} of {owner} has other content {where}",
            action,
            where=where,
        )


class OtherFse(DocumentRefused):
    """Another FSE is already held for the same invoice: there are never two."""

    ssv = 0xF0FF

    def __init__(self, document: DocumentId) -> None:
        super().__init__(
            document,
            "{kind} {number} of {owner} is held already, with other signatures",
            "Keep the one in the ledger; do not acknowledge the other, and report it",
        )


class LoadedElsewhere(DocumentRefused):
    """The document is on another reader, where it may be signed: it is loaded on one at a time."""

    def __init__(self, document: DocumentId, reader: str) -> None:
        self.reader = reader
        super().__init__(
            document,
            "{kind} {number} of {owner} is loaded on reader {reader}",
            "Pull or erase it there first",
            reader=reader,
        )
