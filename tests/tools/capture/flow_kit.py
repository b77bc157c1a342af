"""Flows of a whole round, played on fresh readers, for tests that compare them."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import tla_sim
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reader_tap import ReaderTap
from tla_sim.tools.capture.reading import Read, read_file
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

DAY_MS = 24 * 3_600_000


def play(
    seed: int = 1,
    link: str = "memory",
    moment: int = MORNING,
    batch_bytes: int | None = None,
    practice: Practice | None = None,
) -> bytes:
    """Load, certify on a visit, pull, sign, certify at the desk; return the capture of all links and slots.

    The random bytes of the workstation come from the system, as always.
    """
    file = io.BytesIO()
    people = practice or demo_practice()
    with (
        SimulatedReader.in_memory(people, seed=seed, moment=moment) as reader,
        tempfile.TemporaryDirectory() as folder,
        Ledger.open(Path(folder) / "ledger.db") as ledger,
    ):
        clock = reader.reader.board.clock
        ReaderTap(reader.reader, lambda: clock.now_ms * 1_000_000).add(PcapngTracer(file.write))

        def client() -> ReaderClient:
            return ReaderClient(reader.transport(link), batch_bytes=batch_bytes)

        tla_sim.push(client(), ledger, people)
        reader.unplug()
        reader.insert_ps("ACCUEIL4242")
        for patient in ("MARTIN", "DESMAUX"):
            reader.insert_vitale(patient)
            reader.press("VAL", reader.code, "VAL")
        host = client()
        host.clock()
        host.verify_code(reader.code)
        tla_sim.pull(host, ledger)
        reader.insert_ps("PIQURE2969")
        reader.insert_vitale("MARTIN")
        card = host.verify_code(reader.code)
        tla_sim.sign(host, ledger, card=card)
        host.read_vitale()
        invoice = prepared_invoices(people)[0]
        host.certify(DocumentKind.FSE, SecurityMode.SECURED, invoice.build())
        host.diagnostics()
    return file.getvalue()


def reads(capture: bytes) -> list[Read]:
    """What a capture holds."""
    return list(read_file(io.BytesIO(capture)))
