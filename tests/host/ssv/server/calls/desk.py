"""A desk for programs: a ledger, and a reader on a cable that breaks where a test wants it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.reader_kit import Bench
from tests.ssv_kit import Program
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.protocol.lad import Lad


class ProgramsDesk:
    """The nurse's CPS and her patient's Vitale are in the reader."""

    def __init__(self, directory: Path) -> None:
        self.bench = Bench()
        self.bench.insert_ps()
        self.bench.insert_vitale()
        self.path = directory / "ledger.db"
        self.exchanges = 0
        self.lost: list[bytes] = []

    def program(
        self,
        *,
        cut_at: int | None = None,
        answered: bool = False,
        spoil: Callable[[bytes, bytes], bytes] | None = None,
    ) -> Program:
        """A program on a new cable, which breaks for good at an exchange, before or after its answer, or
        spoils the answers to commands."""
        self.bench.unplug()
        self.exchanges = 0
        port = self.bench.reader.attach("desk")

        def exchange(lad: Lad, apdu: bytes) -> bytes:
            at, self.exchanges = self.exchanges, self.exchanges + 1
            broken = cut_at is not None and at >= cut_at
            if broken and (at > (cut_at or 0) or not answered):
                raise ConnectionLost("cut", "")
            answer = port.exchange(lad, apdu)
            if broken:
                raise ConnectionLost("cut", "")
            return answer if spoil is None else spoil(apdu, answer)

        return Program(ReaderClient(InProcessTransport(exchange), self.bench.entropy.take), self.path)

    def client(self) -> ReaderClient:
        """A client on a new cable."""
        self.bench.unplug()
        return self.bench.client()

    def elsewhere(self) -> Program:
        """A program on a workstation with no reader on its cable."""

        def none(*_: object) -> bytes:
            raise AssertionError("the reader was spoken to")

        return Program(ReaderClient(InProcessTransport(none)), self.path)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, open."""
        with Ledger.open(self.path) as ledger:
            yield ledger

    def fse(self, document: DocumentId) -> bytes:
        """The certified document that the ledger holds."""
        with self.ledger() as ledger:
            return ledger.fse(document)

    def traces(self) -> tuple[object, ...]:
        """What ledger and reader hold, and how many signatures the reader has had made."""
        client = self.client()
        on_board, counter = client.list_documents(), client.diagnostics().signature_counter
        with self.ledger() as ledger:
            return tuple(ledger.events()), on_board, counter
