"""A host's exchanges as a trace takes them down."""

from __future__ import annotations

import io

import pytest

from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import NoAnswer
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.slot_order import SlotOrder
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, read_file
from tla_sim.tools.capture.transport_tap import TracedTransport
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

IDENTIFY = bytes.fromhex("8010000000")


def test_the_session_begins_with_the_answers_to_reset() -> None:
    file = io.BytesIO()
    atrs = {Lad.PS: b"\x3b\x00", Lad.VITALE: b""}
    inner = InProcessTransport(lambda *_: b"\x90\x00", "state:a b", atr_of=atrs.__getitem__)
    with TracedTransport(inner, PcapngTracer(file.write), lambda: 7) as transport:
        transport.transmit(IDENTIFY)
    assert list(read_file(io.BytesIO(file.getvalue()))) == [
        ReadReset("state:a b", Lad.LOG_SV, LOG_SV_ATR, 7),
        ReadReset("state:a b", Lad.PS, b"\x3b\x00", 7),
        ReadExchange("state:a b", Lad.LOG_SV, IDENTIFY, b"\x90\x00", 7, 7),
    ]


def test_a_card_that_is_powered_on_over_a_serial_line_shows_its_answer_to_reset() -> None:
    file = io.BytesIO()
    with SimulatedReader.in_memory(seed=1) as reader:
        reader.insert_vitale("MARTIN")
        transport = TracedTransport(reader.transport("serial"), PcapngTracer(file.write), lambda: 7)
        transport.transmit(SlotOrder.POWER_ON.apdu, Lad.VITALE)
    resets = [each for each in read_file(io.BytesIO(file.getvalue())) if isinstance(each, ReadReset)]
    assert [each.lad for each in resets] == [Lad.LOG_SV, Lad.VITALE]
    assert resets[1].atr[:1] == b"\x3b"


def test_a_failed_exchange_has_no_answer() -> None:
    file = io.BytesIO()

    def fail(_lad: Lad, _apdu: bytes) -> bytes:
        raise NoAnswer("The reader does not answer", "Check its cable")

    transport = TracedTransport(InProcessTransport(fail), PcapngTracer(file.write), lambda: 7)
    with pytest.raises(NoAnswer):
        transport.transmit(IDENTIFY)
    *_, last = read_file(io.BytesIO(file.getvalue()))
    assert isinstance(last, ReadExchange)
    assert last.response == b""
