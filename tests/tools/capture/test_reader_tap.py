"""The tap on a reader hears links and slots, begins with answers to reset, and keeps codes out."""

from __future__ import annotations

import io

from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reader_tap import ReaderTap
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, read_file
from tla_sim.tools.capture.tracer import SLOT
from tla_sim.tools.simulator.simulated_reader import SimulatedReader


class Recording:
    """A reader in memory with a tap on it; each packet is a second later than the one before."""

    def __init__(self) -> None:
        self.reader = SimulatedReader.in_memory(seed=1)
        self.file = io.BytesIO()
        self.ns = 0
        self.tap = ReaderTap(self.reader.reader, self.now_ns)
        self.tap.add(PcapngTracer(self.file.write))

    def now_ns(self) -> int:
        """Return the next second."""
        self.ns += 1_000_000_000
        return self.ns

    def read(self) -> list[ReadExchange | ReadReset]:
        """Return what was recorded so far."""
        found = read_file(io.BytesIO(self.file.getvalue()))
        return [each for each in found if isinstance(each, ReadExchange | ReadReset)]


def test_links_and_slots_are_heard_and_no_code_is_written() -> None:
    recording = Recording()
    with recording.reader as reader:
        reader.insert_ps("PIQURE2969")
        client = reader.client("serial")
        client.verify_code(reader.code)
        client.identify()
    read = recording.read()
    first: dict[tuple[str, Lad], object] = {}
    for each in read:
        first.setdefault((each.link, each.lad), each)
    assert set(first) == {("serial", Lad.LOG_SV), (SLOT, Lad.PS)}
    assert all(isinstance(each, ReadReset) for each in first.values())
    inner = [each for each in read if each.link == SLOT and isinstance(each, ReadExchange)]
    assert any(
        CardIns.of(each.command[1]) is CardIns.VERIFY and each.command[5:6] == b"\xff" for each in inner
    )
    assert reader.code.encode() not in recording.file.getvalue()


def test_a_card_that_was_in_already_is_told_first() -> None:
    with SimulatedReader.in_memory(seed=1) as reader:
        reader.insert_vitale("MARTIN")
        file = io.BytesIO()
        tap = ReaderTap(reader.reader, lambda: 0)
        tap.add(PcapngTracer(file.write))
        card = reader.reader.board.slots.card(Slot.VITALE)
        assert card is not None
        assert list(read_file(io.BytesIO(file.getvalue()))) == [ReadReset(SLOT, Lad.VITALE, card.atr, 0)]
        tap.close()
        size = len(file.getvalue())
        reader.client().identify()
        assert len(file.getvalue()) == size


def test_going_back_in_time_is_not_heard() -> None:
    recording = Recording()
    with recording.reader as reader:
        client = reader.client("serial")
        client.identify()
        reader.save("here")
        client.diagnostics()
        before = len(recording.read())
        reader.restore("here")
        assert len(recording.read()) == before
        client.identify()
        assert len(recording.read()) > before
    late = io.BytesIO()
    recording.tap.introduce(PcapngTracer(late.write))
    assert list(read_file(io.BytesIO(late.getvalue()))) == [
        ReadReset("serial", Lad.LOG_SV, LOG_SV_ATR, recording.ns)
    ]
