"""The refusals of the invoice store, each with its status word. Nothing has changed when one is raised."""

from __future__ import annotations

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.failure import FirmwareFailure


class StoreRefusal(FirmwareFailure):
    """The base of the invoice store's refusals. `status` is the declared status word."""


class StoreFull(StoreRefusal):
    """There is no room for these documents besides what certifying the loaded ones will take."""

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.NO_FREE_SLOT, context)


class TooManyOwners(StoreRefusal):
    """The store already holds documents of as many owners as it takes."""

    def __init__(self, owner: str) -> None:
        super().__init__(Status.TOO_MANY_OWNERS, Sentence("Owner {owner}", owner=owner))


class UnknownDocument(StoreRefusal):
    """The store does not hold this document."""

    code = "unknown-document-on-board"

    def __init__(self, name: str) -> None:
        super().__init__(Status.UNKNOWN_INVOICE, name)


class UnusableName(StoreRefusal):
    """The owner or invoice number contains a NUL, which records cannot carry."""

    def __init__(self, name: str) -> None:
        super().__init__(Status.WRONG_DATA, repr(name))


class DocumentConflict(StoreRefusal):
    """Other content is already known under this number, or at this position of the load."""

    def __init__(self, name: str) -> None:
        super().__init__(Status.INVOICE_CONFLICT, name)


class WrongState(StoreRefusal):
    """The document's state does not allow this."""

    def __init__(self, name: str) -> None:
        super().__init__(Status.INVOICE_STATE, name)


class WrongDigest(StoreRefusal):
    """The content that the host acknowledges is not what the store holds."""

    def __init__(self, name: str) -> None:
        super().__init__(Status.DIGEST_MISMATCH, name)


class LoadIncomplete(StoreRefusal):
    """The load to commit is incomplete: `staged` documents are here, `expected` were announced."""

    def __init__(self, owner: str, staged: int, expected: int) -> None:
        super().__init__(
            Status.CONDITIONS_NOT_SATISFIED,
            Sentence(
                "Load of owner {owner}: {staged} of {expected} documents",
                owner=owner,
                staged=staged,
                expected=expected,
            ),
        )
        self.staged = staged
        self.expected = expected
