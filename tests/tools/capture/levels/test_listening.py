"""The lines of hosts and of served readers are heard."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.tools.capture.levels.noting_tracer import NotingTracer
from tla_sim.host.transport import Transport, open_transport
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.t1.block import Block, Edc
from tla_sim.protocol.trace import blank_code
from tla_sim.reader_fw.cards.code_porteur import code_block
from tla_sim.reader_fw.serve import Server
from tla_sim.reader_fw.serve.server import Ears
from tla_sim.reader_fw.serve.spec import LinkSpec
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.levels.listening import LineEar, framing_of, level_of, listen_to
from tla_sim.tools.capture.levels.wanted_ear import WantedEar
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

CODE = b"29384756"
VERIFY = CommandApdu(0x00, 0x20, 0, 0x81, code_block(CODE)).build()
IDENTIFY = bytes.fromhex("8010000000")
OPENING = bytes.fromhex("00A4040C023F00")


@pytest.fixture
def reader() -> Iterator[SimulatedReader]:
    with SimulatedReader.in_memory() as made:
        made.insert_ps(made.practice.practitioners[0].last_name)
        yield made


@pytest.mark.parametrize(
    ("link", "level", "devices"),
    [
        ("serial", Level.T1, {""}),
        ("ccid", Level.CCID, {""}),
        ("vpcd", Level.VPCD, {"Log_SV", "PS"}),
    ],
)
def test_the_line_of_a_host_is_heard_without_its_codes(
    reader: SimulatedReader, link: str, level: Level, devices: set[str]
) -> None:
    tracer = NotingTracer()
    with reader.transport(link, baud=None) as transport:
        ended = listen_to(transport, tracer, "here", clock=lambda: 7)
        assert ended is not None
        transport.transmit(OPENING, Lad.PS)
        transport.transmit(VERIFY, Lad.PS)
        answer = transport.transmit(IDENTIFY)
    ended()
    assert {piece[:3] for piece in tracer.pieces} == {("here", level, device) for device in devices}
    heard = b"".join(piece[4] for piece in tracer.pieces)
    assert CODE[:4] not in heard
    assert b"\xff" * 8 in heard
    assert answer[:8] in heard
    assert not [piece for piece in tracer.pieces if piece[5] not in ("", "give the answer to reset")]
    assert set(tracer.times) == {7}


def test_a_transport_without_bytes_is_not_heard(reader: SimulatedReader) -> None:
    with reader.transport("memory") as transport:
        assert listen_to(transport, NotingTracer(), "here") is None
    with reader.transport("serial") as transport:
        assert listen_to(transport, NotingTracer(), "here", Level.CCID) is None


@pytest.mark.parametrize("link", ["serial", "ccid", "vpcd"])
def test_the_apdus_are_found_in_the_bytes(reader: SimulatedReader, link: str) -> None:
    tracer = NotingTracer()
    with reader.transport(link, baud=None) as transport:
        framing = transport.framing
        assert framing is not None
        ears: dict[Lad | None, LineEar] = {}

        def hear(lad: Lad | None, from_reader: bool, data: bytes) -> None:
            if lad not in ears:
                ears[lad] = LineEar(tracer, "here", framing, lad, pieces=False, apdus=True)
            ears[lad].heard(from_reader, data)

        transport.overhear(hear)
        sent = [(OPENING, Lad.PS), (VERIFY, Lad.PS), (IDENTIFY, Lad.LOG_SV), (bytes(4), Lad.PS)]
        answers = [transport.transmit(apdu, lad) for apdu, lad in sent]
    assert [(lad, apdu) for _, lad, apdu in tracer.commands] == [
        (lad, blank_code(lad, apdu)) for apdu, lad in sent
    ]
    assert [answer for _, _, answer in tracer.answers] == answers
    assert not tracer.pieces
    if link != "serial":
        assert ("here", Lad.LOG_SV, LOG_SV_ATR) in tracer.resets


@pytest.mark.parametrize("text", ["tcp:0", "pty:{}/line?edc=lrc", "pty:{}/line?baud=115200"])
def test_the_doors_of_a_served_reader_are_heard(reader: SimulatedReader, tmp_path: Path, text: str) -> None:
    tracer = NotingTracer()
    link = text.format(tmp_path)
    ears = ears_for(tracer)
    with Server(reader.reader, reader.reader.board.clock, ears=ears) as server:
        door = server.open(link)
        scheme = "socket://" if text.startswith("tcp") else "serial:"
        query = link.partition("?")[2]
        url = f"{scheme}{door.address}" + (f"?{query}" if query else "")
        with serving(server), open_transport(url) as transport:
            transport.transmit(VERIFY, Lad.PS)
            transport.transmit(IDENTIFY)
    edc = Edc.LRC if "lrc" in link else Edc.CRC
    assert tracer.pieces
    for where, level, device, _, data, note in tracer.pieces:
        assert where.startswith(link)
        assert (level, device, note) == (Level.T1, "", "")
        assert CODE[:4] not in Block.parse(data, edc).inf


@pytest.mark.parametrize(("kind", "level"), [("ccid", Level.CCID), ("vpcd", Level.VPCD), ("pty", Level.T1)])
def test_each_kind_of_link_has_its_level(kind: str, level: Level) -> None:
    assert framing_of(LinkSpec.parse(f"{kind}:1")).kind == level.value
    assert level_of(kind) is level
    assert level_of("pcsc") is None


def test_the_slots_of_a_vpcd_link_are_heard(reader: SimulatedReader) -> None:
    tracer = NotingTracer()
    with closing(socket.create_server(("127.0.0.1", 0))) as driver:
        link = f"vpcd:127.0.0.1:{driver.getsockname()[1]}?slots=ps"
        with Server(reader.reader, reader.reader.board.clock, ears=ears_for(tracer)) as server:
            server.open(link)
            with serving(server):
                slot, _ = driver.accept()
                with slot:
                    slot.sendall(b"\0\x01\x04" + len(VERIFY).to_bytes(2, "big") + VERIFY)
                    said = b""
                    while len(said) < 2 or len(said) < 4 + int.from_bytes(said[:2], "big") + 2:
                        said += slot.recv(4096)
    assert {piece[:3] for piece in tracer.pieces} == {(link, Level.VPCD, "PS")}
    assert [piece[4] for piece in tracer.pieces if not piece[3]] == [b"\x04", VERIFY[:5] + b"\xff" * 8]


@pytest.mark.parametrize("link", ["serial", "ccid", "vpcd"])
def test_whoever_listens_in_later_sees_no_code(reader: SimulatedReader, link: str) -> None:
    for late in range(60):
        tracer = NotingTracer()
        with reader.transport(link, baud=None) as transport:
            transport.overhear(LateEars(tracer, transport, late).heard)
            for _ in range(3):
                transport.transmit(VERIFY, Lad.PS)
        assert tracer.pieces
        assert CODE[:3] not in b"".join(piece[4] for piece in tracer.pieces)


class LateEars:
    """Ears that are wanted after so many bytes."""

    def __init__(self, tracer: NotingTracer, transport: Transport, late: int) -> None:
        framing = transport.framing
        assert framing is not None
        self._framing = framing
        self._tracer = tracer
        self._late = late
        self._ears: dict[Lad | None, WantedEar] = {}

    def heard(self, lad: Lad | None, from_reader: bool, data: bytes) -> None:
        if lad not in self._ears:
            self._ears[lad] = WantedEar(
                lambda joined: LineEar(self._tracer, "here", self._framing, lad, joined=joined),
                lambda: self._late < 0,
            )
        for byte in data:
            self._late -= 1
            self._ears[lad].heard(from_reader, bytes((byte,)))


def ears_for(tracer: NotingTracer) -> Ears:
    def ear(spec: LinkSpec, lad: Lad | None, name: str) -> LineEar:
        return LineEar(tracer, name, framing_of(spec), lad, clock=lambda: 5)

    return ear


@contextmanager
def serving(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
