"""A recorded reader notes what is done to it from outside, each input once, and no code porteur."""

from __future__ import annotations

from pathlib import Path

import pytest

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.code_channel import CodeChannelEnd
from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry, CodePresentation
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE, MAYA, MORNING
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.history.input_recorder import Exchanged
from tla_sim.tools.simulator.history.inputs import Op
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader
from tla_sim.tools.simulator.kept_reader import KeptReader

IDENTIFY = bytes.fromhex("8010000000")


def new_reader(faults: str = "") -> RecordedReader:
    """A recorded reader in memory, switched on."""
    board = assemble_board(MORNING, SeededEntropy(1), NorFlash(blank_image(2 * 1024 * 1024)))
    reader = RecordedReader(board, Strikes(FaultPlan.parse(faults)))
    reader.power_on()
    return reader


def maya(reader: RecordedReader) -> Card:
    """Her CPS, whose writes may be torn."""
    return Card(ps_image(MAYA), reader.board.entropy, reader.tear_writes())


def client_on(port: RecordedPort) -> ReaderClient:
    """A host's client on a cable."""
    entropy = SeededEntropy(99)
    return ReaderClient(InProcessTransport(port.exchange, on_close=port.detach), entropy.take)


def ops(reader: RecordedReader) -> list[Op]:
    """What was recorded, in order."""
    return [each.op for each in reader.log]


def test_what_happens_inside_an_input_is_no_input() -> None:
    reader = new_reader("reader.reset@1:2")
    port = reader.attach("desk")
    for _ in range(3):
        port.exchange(Lad.LOG_SV, IDENTIFY)
    assert [str(fault) for fault in reader.strikes.struck] == ["reader.reset@1:2"]
    assert ops(reader) == [Op.POWER_ON, Op.ATTACH, Op.EXCHANGE, Op.EXCHANGE, Op.EXCHANGE]


def test_every_input_is_told_once_it_was_taken() -> None:
    reader = new_reader()
    steps: list[tuple[int, str]] = []
    reader.on_input = lambda: steps.append((reader.step, reader.display[0].strip()))
    port = reader.attach("desk")
    port.detach()
    reader.power_off()
    assert steps == [(2, "ATTENTE ORDRE"), (3, reader_home()), (4, "")]


def reader_home() -> str:
    """The first line of a reader on a visit."""
    return new_reader().display[0].strip()


def test_an_input_that_an_observer_makes_is_recorded_too() -> None:
    reader = new_reader()

    def unplug() -> None:
        if reader.ports:
            reader.unplug()

    reader.on_input = unplug
    reader.attach("desk")
    assert ops(reader)[-2:] == [Op.ATTACH, Op.UNPLUG]


def test_exchanges_are_told_with_their_times() -> None:
    reader = new_reader()
    told: list[Exchanged] = []
    reader.on_exchange = lambda *exchange: told.append(exchange)
    reader.insert(Slot.PS, maya(reader))
    port = reader.attach("desk")
    port.begin(Lad.PS, bytes.fromhex("00A4000C023F00"))
    assert not told
    began = reader.board.clock.now_ms
    while (response := port.poll()) is None:
        reader.tick(1)
    assert told == [
        ("desk", Lad.PS, bytes.fromhex("00A4000C023F00"), response, began, reader.board.clock.now_ms)
    ]


def test_an_exchange_that_power_ends_is_told_without_an_answer() -> None:
    reader = new_reader()
    told: list[bytes | None] = []
    reader.on_exchange = lambda _name, _lad, _command, response, _began, _ended: told.append(response)
    port = reader.attach("desk")
    port.begin(Lad.LOG_SV, IDENTIFY)
    reader.power_off()
    assert told == [None]


def test_no_code_porteur_is_recorded() -> None:
    reader = new_reader()
    card = maya(reader)
    reader.insert(Slot.PS, card)
    port = reader.attach("desk")
    block = CODE.encode().ljust(8, b"\xff")
    assert port.exchange(Lad.PS, bytes.fromhex("0020000108") + block) == bytes.fromhex("9000")
    client = client_on(port)
    assert client.verify_code(CODE).verified
    for digit in CODE:
        reader.press(Key(digit))
    sent = client_cryptograms(reader)
    assert len(sent) == 1
    said = [each.data for each in reader.log]
    assert not [data for data in said if CODE.encode() in data]
    assert {each.subject for each in reader.log if each.op is Op.PRESS} == {0}


def client_cryptograms(reader: RecordedReader) -> list[bytes]:
    """The recorded commands that verify a code for the workstation."""
    return [each.data for each in reader.log if each.data[:2] == bytes.fromhex("8024")]


def test_an_enciphered_code_is_replaced_under_its_key() -> None:
    reader = new_reader()
    card = maya(reader)
    reader.insert(Slot.PS, card)
    port = reader.attach("desk")
    client = client_on(port)
    read = client.read_ps_card()
    channel = port.session.channel
    assert channel is not None
    end = CodeChannelEnd(bytes(range(32)))
    sealed = end.seal(CODE, read.code_key, card.serial)
    request = VERIFY_CODE.request.build(CodePresentation(CodeEntry.HOST, end.public_key, sealed))
    assert port.exchange(Lad.LOG_SV, CommandApdu(0x80, 0x24, 0, 0, request).build()) == b"\x90\x00"
    kept = VERIFY_CODE.request.parse(CommandApdu.parse(client_cryptograms(reader)[-1]).data)
    assert kept.cryptogram != sealed
    assert channel.open(kept.cryptogram, kept.host_key, card.serial) == "0" * len(CODE)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0020008008 31323334FFFFFFFF", "0020008008 30303030FFFFFFFF"),
        (
            "0024008010 31323334FFFFFFFF 35363738FFFFFFFF",
            "0024008010 30303030FFFFFFFF 30303030FFFFFFFF",
        ),
        ("0020008008 31323334FFFFFFFF 00", "0020008008 30303030FFFFFFFF 00"),
        ("00200080000008 31323334FFFFFFFF", "00200080000008 30303030FFFFFFFF"),
        ("0020008008 31323334", "002000800000"),
        ("00200080", "00200080"),
        ("0020008004 01020304", "0020008004 00000000"),
    ],
)
def test_a_code_command_keeps_its_form(sent: str, kept: str) -> None:
    reader = new_reader()
    reader.insert(Slot.PS, maya(reader))
    port = reader.attach("desk")
    port.exchange(Lad.PS, bytes.fromhex(sent))
    assert [each.data.hex() for each in reader.log][-1] == bytes.fromhex(kept).hex()


def test_a_reader_in_a_state_directory_can_be_recorded(tmp_path: Path) -> None:
    with KeptReader.open(tmp_path / "reader", flash_bytes=2**21, recorded=True) as kept:
        kept.power_on()
        assert isinstance(kept.reader, RecordedReader)
        assert ops(kept.reader) == [Op.POWER_ON]
