"""Our dissectors in the real tshark: in each packet the fields that our own decoder finds, byte by byte."""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.tshark import Found, Frame, dissect, run
from tests.protocol.exchange.test_description import flatten
from tests.reader_kit import SMALL_FLASH
from tla_sim.host.transport import Transport
from tla_sim.host.transport.tap import TappedExchange, TapTransport
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.loading import LOAD_INVOICE, LoadedBatch, LoadProgress
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.exchange import LocatedField, describe
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.zone_data import ZoneData, encode_zone_data
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder, SlotState
from tla_sim.protocol.t1.block import VECTORS as BLOCKS
from tla_sim.protocol.t1.block import Block, Edc, Information, Ready, Supervision, Supervisory
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcapng import USB, interface, packet, packet_options, section_header
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.demo.round import Round
from tla_sim.tools.simulator.in_process import in_process

Exchange = tuple[Lad, bytes, bytes]

GENERATED = ("tla.command", "tla.summary", "tla.response_in", "tla.response_to")
BARE = ("tla.group.", "tla.object", "tla.block", "tla.code")
LINE = 150
"""Characters of a line that are compared: Wireshark cuts long ones off."""


class Capture:
    """A capture in memory, and how many packets it has."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self.tracer = PcapngTracer(self._blocks.append)
        self.ns = 1_700_000_000_000_000_000

    @property
    def raw(self) -> bytes:
        return b"".join(self._blocks)

    def tick(self) -> int:
        self.ns += 1_000
        return self.ns

    def exchange(self, link: str, exchange: Exchange) -> None:
        lad, command, response = exchange
        self.tracer.command(link, lad, command, self.tick())
        self.tracer.answer(link, lad, response, self.tick())

    def block(self, raw: bytes, from_reader: bool = False) -> None:
        self.tracer.piece("line", Level.T1, "", from_reader, raw, "", self.tick())


def expected_lines(fields: tuple[LocatedField, ...]) -> list[tuple[str, int, int]]:
    return [(line_of(each), each.start, each.end - each.start) for each in flatten(fields)]


def line_of(field: LocatedField) -> str:
    """What a line of the tree says; long bytes are cut."""
    value = field.value
    if isinstance(value, bool):
        value = "yes" if value else "no"
    said = "" if value is None else f": {value}"
    return f"{field.name}{said}" + (f" ({field.shown})" if field.shown and said else "")


def agrees(found: Found, line: str) -> bool:
    """Whether a line of the tree says what it should, the text of what is not declared by name aside."""
    said = found.line
    if len(said) > LINE or "…" in said or any(not each.isprintable() for each in line):
        head = line.partition(":")[0]
        return said.startswith(head)
    if said == line:
        return True
    name, colon, rest = line.partition(": ")
    return said.startswith(name) and (not colon or said.endswith(f": {rest}"))


def check_message(frame: Frame, fields: tuple[LocatedField, ...], raw: bytes, size: int) -> None:
    assert "_ws.malformed" not in frame.others
    (tree,) = frame.trees
    base = tree.start
    found = [each for each in tree.walk() if each.name not in GENERATED][1:]
    assert not [each.line for each in found if each.name in ("tla.failure", "tla.failed")]
    told = [(each.start - base, each.size) for each in found]
    expected = list(flatten(fields))
    assert told == [(each.start, each.end - each.start) for each in expected], raw[:40].hex()
    assert tree.size == size
    for one, field in zip(found, expected, strict=True):
        assert agrees(one, line_of(field)), (one, field)
        if one.value:
            assert bytes.fromhex(one.value) == raw[field.start : field.end]
        if isinstance(field.value, str) and field.value.isprintable() and one.name.startswith("tla.group."):
            assert field.fields or one.shown == field.value


def vectors() -> Iterator[Exchange]:
    for command in COMMANDS:
        bare = CommandApdu(CLA, command.ins, ne=256).build()
        for value, raw in command.vectors:
            data = bytes.fromhex(raw)
            if isinstance(value, command.request.type):
                yield Lad.LOG_SV, CommandApdu(CLA, command.ins, data=data).build(), b"\x90\x00"
            if isinstance(value, command.response.type):
                yield Lad.LOG_SV, bare, data + b"\x90\x00"
        for status in Status:
            yield Lad.LOG_SV, bare, status.to_bytes(2)


def of_cards() -> Iterator[Exchange]:
    objects = bytes.fromhex("6F108407A00000000410108501028A01055001417F4906810455667788")
    for instruction in CardIns:
        for cla in (0x00, 0x01, 0x0C, 0x10):
            for p1, p2 in (
                (0, 0),
                (0x04, 0x0C),
                (0x81, 0x04),
                (0x41, 0xB6),
                (0x9E, 0x9A),
                (0x01, 0x14),
                (0x80, 1),
            ):
                yield Lad.PS, bytes((cla, instruction, p1, p2, len(objects))) + objects, objects + b"\x90\x00"
        yield Lad.VITALE, bytes((0, instruction | 1, 0, 0, 0, 0, 4)) + b"\x5a\x02\x01\x02\0\0", b"\x61\x20"
    for order in SlotOrder:
        state = SLOT_STATE.build(SlotState(True, 7, 3, 9, LOG_SV_ATR))
        yield Lad.PS, order.apdu, state + b"\x90\x00"
    for word in (0x6100, 0x61FF, 0x6C05, 0x63C2, 0x63C0, 0x1234, 0x9000):
        yield Lad.PS, bytes.fromhex("00B0000000"), word.to_bytes(2)


def odd() -> Iterator[Exchange]:
    many = (60_000).to_bytes(2) + b"1\x1fx\x1f\x1d" * 10_000
    identify, read = bytes.fromhex("8010000000"), bytes.fromhex("8012000000")
    yield Lad.LOG_SV, read, len(many).to_bytes(2) + many + b"\x90\x00"
    yield Lad.LOG_SV, identify, b"\xff" * 65_536 + b"\x90\x00"
    yield Lad.LOG_SV, bytes((0x80, 0x32, 0, 0, 0, 0xFF, 0xFF)) + bytes(65_535), b"\x90\x00"
    yield Lad.PS, bytes((0x00, 0xD6, 0, 0, 0, 0xFF, 0xFF)) + bytes(65_535) + b"\0\0", b"\x90\x00"
    yield Lad.LOG_SV, bytes.fromhex("8014000000"), (253_402_300_799_999).to_bytes(8) + b"\x90\x00"
    yield Lad.LOG_SV, bytes.fromhex("8014000000"), (253_402_300_800_000).to_bytes(8) + b"\x90\x00"
    yield Lad.LOG_SV, bytes.fromhex("8014000000"), b"\xff" * 8 + b"\x90\x00"
    draw = random.Random(17)
    for moment in (draw.randrange(253_402_300_800_000) for _ in range(200)):
        yield Lad.LOG_SV, bytes.fromhex("8014000000"), moment.to_bytes(8) + b"\x90\x00"
    nested = b"\x5a\x01x"
    for _ in range(20):
        nested = b"\x70" + bytes((len(nested),)) + nested
        yield Lad.PS, bytes((0, CardIns.GET_DATA, 0, 0, len(nested))) + nested, nested + b"\x90\x00"
    for lad in Lad:
        for command in (
            "00",
            "8010",
            "0020000104",
            "00200001043132333435",
            "80200001043132333435",
            "8010000001",
        ):
            yield lad, bytes.fromhex(command), b"\x3b"


def a_round(folder: Path) -> list[Exchange]:
    """A whole round: what the workstation said to Log_SV, and the reader to its cards."""
    said: list[Exchange] = []
    patch = pytest.MonkeyPatch()
    transmit = Card.transmit

    def tap(card: Card, apdu: bytes) -> bytes:
        response = transmit(card, apdu)
        said.append((Lad.PS, apdu, response))
        return response

    def report(exchange: TappedExchange) -> None:
        said.append((exchange.lad, exchange.command, exchange.response or b""))

    def plug(reader: Reader) -> Transport:
        return TapTransport(in_process(reader), report)

    with patch.context() as while_playing:
        while_playing.setattr(Card, "transmit", tap)
        with Round(demo_practice(), folder, 1, plug=plug, flash_bytes=SMALL_FLASH) as game:
            list(game.steps())
    return said


def fuzzed(seed: int, count: int) -> Iterator[Exchange]:
    """Commands and answers of the vectors and cards with bytes changed, cut and made up."""
    draw = random.Random(seed)
    samples = [*vectors(), *of_cards()]
    for _ in range(count):
        lad, *parts = draw.choice(samples)
        pair = []
        for part in parts:
            raw = bytearray(part)
            for _ in range(draw.randrange(4)):
                if raw:
                    raw[draw.randrange(len(raw))] = draw.choice(
                        (0, 1, 0x1D, 0x1F, 0x7F, 0x80, 0xFF, draw.randrange(256))
                    )
            if draw.random() < 0.3:
                del raw[draw.randrange(len(raw) + 1) :]
            if draw.random() < 0.2:
                raw += draw.randbytes(draw.randrange(40))
            pair.append(bytes(raw))
        yield draw.choice((lad, *Lad)), pair[0], pair[1]


def check_exchanges(folder: Path, exchanges: list[Exchange]) -> None:
    capture = Capture()
    for exchange in exchanges:
        capture.exchange("link", exchange)
    frames = dissect(folder, capture.raw)
    assert len(frames) == 2 * len(exchanges)
    for place, (lad, command, response) in enumerate(exchanges):
        told = describe(lad, command, response)
        asked, answered = frames[2 * place : 2 * place + 2]
        if command:
            check_message(asked, told.request, told.command, len(command))
            if response:
                (link,) = asked.fields("tla.response_in")
                assert int(link.shown) == 2 * place + 2
        if response:
            check_message(answered, told.answer, response, len(response))
            if command:
                (link,) = answered.fields("tla.response_to")
                assert int(link.shown) == 2 * place + 1


def test_every_command_status_and_card_instruction_has_the_fields_of_our_decoder(tmp_path: Path) -> None:
    check_exchanges(tmp_path, [*vectors(), *of_cards(), *odd()])


def test_a_round_has_the_fields_of_our_decoder(tmp_path: Path) -> None:
    check_exchanges(tmp_path, a_round(tmp_path))


def test_damaged_messages_have_the_fields_of_our_decoder(tmp_path: Path) -> None:
    check_exchanges(tmp_path, list(fuzzed(17, 1_500)))


def blocks_of(message: bytes, nad: int, edc: Edc, size: int, number: int) -> list[bytes]:
    parts = [message[at : at + size] for at in range(0, len(message), size)]
    return [
        Block(nad, Information((number + place) % 2, place < len(parts) - 1), part).build(edc)
        for place, part in enumerate(parts)
    ]


@pytest.mark.parametrize("edc", list(Edc))
def test_blocks_are_told_and_chained_ones_become_the_message_that_they_carry(
    tmp_path: Path, edc: Edc
) -> None:
    command = CommandApdu(CLA, 0x32, data=bytes(1) + b"\x01\x01" + bytes(700)).build()
    answer = (1_551_776_400_000).to_bytes(8) + b"\x90\x00"
    capture = Capture()
    asked = blocks_of(command, 0x21, edc, 254, 0)
    ready = Block(0x12, Ready(1, 0)).build(edc)  # type: ignore[arg-type]
    for raw in (asked[0], asked[1], asked[1], asked[2]):
        capture.block(raw)
    capture.block(ready, from_reader=True)
    (whole,) = blocks_of(CommandApdu(CLA, 0x14, ne=256).build(), 0x21, edc, 254, 1)
    capture.block(whole)
    for raw in blocks_of(answer, 0x12, edc, 4, 0):
        capture.block(raw, from_reader=True)
    capture.block(whole[:-1] + bytes((whole[-1] ^ 1,)))
    capture.block(whole[:3])
    capture.block(Block(0x21, Supervisory(Supervision.IFS, False), b"\xfe").build(edc))
    frames = dissect(tmp_path, capture.raw)
    lines = [[each.line for each in frame.fields("tla.t1.kind")] for frame in frames]
    assert lines == [
        ["Block: I(0, more)"],
        ["Block: I(1, more)"],
        ["Block: I(1, more)"],
        ["Block: I(0)"],
        ["Block: R(1)"],
        ["Block: I(1)"],
        ["Block: I(0, more)"],
        ["Block: I(1, more)"],
        ["Block: I(0)"],
        ["Block: I(1)"],
        [],
        ["Block: S(IFS request)"],
    ]
    assert [each.shown for frame in frames for each in frame.fields("tla.t1.reassembled_in")] == [
        "4",
        "4",
        "9",
        "9",
    ]
    assert [place for place, frame in enumerate(frames) if frame.fields("tla.t1.repeated")] == [2]
    assert [place for place, frame in enumerate(frames) if frame.fields("tla.t1.edc.wrong")] == [9]
    assert [place for place, frame in enumerate(frames) if frame.fields("tla.t1.no_block")] == [10]
    for place, fields, raw in (
        (3, describe(Lad.LOG_SV, command, b"").request, command),
        (8, describe(Lad.LOG_SV, CommandApdu(CLA, 0x14).build(), answer).answer, answer),
    ):
        message = Frame([frames[place].trees[1]])
        check_message(message, fields, raw, len(raw))
    (link,) = frames[8].fields("tla.response_to")
    assert link.shown == "6"


def test_the_vectors_of_blocks_are_right(tmp_path: Path) -> None:
    capture = Capture()
    for _, _, raw in BLOCKS:
        capture.block(bytes.fromhex(raw))
    frames = dissect(tmp_path, capture.raw)
    assert all(len(frame.fields("tla.t1.kind")) == 1 for frame in frames)
    good = [[each.shown for each in frame.fields("tla.t1.edc.good")] for frame in frames]
    assert good == [["1"]] * len(BLOCKS)


def test_vpcd_messages_are_orders_answers_to_reset_and_apdus(tmp_path: Path) -> None:
    capture = Capture()
    clock = bytes.fromhex("8014000000")
    said = (
        (b"\1", False),
        (b"\4", False),
        (LOG_SV_ATR, True),
        (clock, False),
        (bytes(8) + b"\x90\0", True),
        (b"", True),
    )
    for raw, from_reader in said:
        capture.tracer.piece("line", Level.VPCD, "Log_SV", from_reader, raw, "", capture.tick())
    frames = dissect(tmp_path, capture.raw)
    told = [
        [each.shown for each in frame.fields() if each.name.startswith(("tla.vpcd", "tla.comm"))]
        for frame in frames
    ]
    assert told[3:5] == [["read_clock"], ["read_clock"]]
    assert [len(frame.fields("tla.vpcd.order")) for frame in frames] == [1, 1, 0, 0, 0, 0]
    assert len(frames[2].fields("tla.atr")) == 1
    check_message(
        frames[4], describe(Lad.LOG_SV, clock, bytes(8) + b"\x90\0").answer, bytes(8) + b"\x90\0", 10
    )


def test_every_field_of_a_memory_zone_is_named(tmp_path: Path) -> None:
    groups = [
        ZoneData(
            number,
            tuple(
                b"%d" % (place % 10) * (200 if place == 1 else 1) for place in range(1, 1 + each.zone_count)
            ),
        )
        for number, each in DICTIONARY.items()
    ]
    capture = Capture()
    raw = encode_zone_data(groups)
    capture.tracer.zone("C functions", raw, True, "", capture.tick())
    capture.tracer.zone("C functions", raw[:-1], True, "", capture.tick())
    capture.tracer.zone("C functions", b"\xff\xff\x02\x01x" * 3 + b"\0", True, "", capture.tick())
    whole, cut, foreign = dissect(tmp_path, capture.raw)
    (tree,) = whole.trees
    assert len(tree.inside) == len(groups)
    at = tree.start
    for found, group in zip(tree.inside, groups, strict=True):
        declared = DICTIONARY[group.number]
        assert found.start == at
        assert found.line == f"{group.number} {declared.name}"
        at += found.size
        names = {field.number: field.name for field in declared.fields}
        assert [each.name.rpartition(".")[2] for each in found.inside] == [
            names.get(place, "field") for place in range(1, 1 + declared.zone_count)
        ]
        values = [bytes.fromhex(each.value) for each in found.inside]
        assert [value[-len(field) :] for value, field in zip(values, group.fields, strict=True)] == list(
            group.fields
        )
        end = found.start + found.size
        assert sum(each.size for each in found.inside) == end - found.inside[0].start
    assert at == tree.start + len(raw)
    assert len(cut.fields("tla.unexplained")) == 1
    assert len(foreign.fields("tla.group.undeclared.field")) == 3
    assert not [each for frame in (whole, cut, foreign) for each in frame.fields("tla.fail")]


def test_packets_cut_by_the_capture_are_told_as_far_as_they_go(tmp_path: Path) -> None:
    capture, source, cut = Capture(), tmp_path / "whole.pcapng", tmp_path / "cut.pcapng"
    for exchange in vectors():
        capture.exchange("link", exchange)
    source.write_bytes(capture.raw)
    for size in (27, 30, 40):
        subprocess.run(["editcap", "-s", str(size), source, cut], check=True, capture_output=True, timeout=60)
        frames = dissect(tmp_path, cut.read_bytes())
        assert not [each.line for frame in frames for each in frame.fields("tla.fail")]
        words = {each.shown for frame in frames for each in frame.fields("tla.sw")}
        assert words <= {str(int(status)) for status in Status} | {f"0x{status:04x}" for status in Status}


def test_slots_in_turn_keep_their_commands_apart(tmp_path: Path) -> None:
    capture = Capture()
    tracer = capture.tracer
    tracer.reset("link", Lad.LOG_SV, LOG_SV_ATR, capture.tick())
    tracer.reset("link", Lad.PS, bytes.fromhex("3b00"), capture.tick())
    tracer.command("link", Lad.LOG_SV, bytes.fromhex("8014000000"), capture.tick())
    tracer.command("link", Lad.PS, bytes.fromhex("00B0000000"), capture.tick())
    tracer.command("other", Lad.LOG_SV, bytes.fromhex("8010000000"), capture.tick())
    tracer.answer("link", Lad.LOG_SV, bytes(8) + b"\x90\0", capture.tick())
    tracer.answer("link", Lad.PS, b"\x3b\x90\0", capture.tick())
    tracer.answer("other", Lad.LOG_SV, None, capture.tick())
    tracer.answer("other", Lad.LOG_SV, b"\x6f\x00", capture.tick())
    frames = dissect(tmp_path, capture.raw)
    links = [[each.shown for each in frame.fields("tla.response_")] for frame in frames]
    assert links == [[], [], ["6"], ["7"], [], ["3"], ["4"], [], []]
    assert [len(frame.fields("tla.atr")) for frame in frames] == [1, 1, *[0] * 7]
    lines = run(
        tmp_path, capture.raw, "-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"
    ).splitlines()
    assert lines[2] == "Log_SV\tread_clock"
    assert lines[3] == "PS\tREAD BINARY  from byte 0"
    assert lines[5].startswith("Log_SV\t9000 Done · read_clock  moment ")
    assert lines[6] == "PS\t9000 Done · READ BINARY  data 3b"
    assert lines[7] == "Log_SV\tno answer"
    assert lines[8] == "Log_SV\t6F00 Internal error of the reader"


def test_every_packet_says_who_speaks_to_whom(tmp_path: Path) -> None:
    capture = Capture()
    clock, answer = bytes.fromhex("8014000000"), bytes(8) + b"\x90\0"
    capture.exchange("link", (Lad.LOG_SV, clock, answer))
    capture.exchange("link", (Lad.PS, bytes.fromhex("00B0000000"), b"\x3b\x90\0"))
    capture.exchange("link", (Lad.PS, bytes.fromhex("00B0000000"), b""))
    for nad, from_reader in ((0x21, False), (0x12, True), (0x31, False), (0x14, True), (0, False), (0, True)):
        (raw,) = blocks_of(clock, nad, Edc.CRC, 254, 0)
        capture.block(raw, from_reader)
    capture.block(b"\x21\x00", from_reader=True)
    for from_reader in (False, True):
        capture.tracer.piece("line", Level.VPCD, "PS", from_reader, clock, "", capture.tick())
    zone = encode_zone_data([])
    for out in (False, True):
        capture.tracer.zone("C functions", zone, out, "", capture.tick())
    columns = ("-T", "fields", "-e", "_ws.col.Source", "-e", "_ws.col.Destination")
    said = run(tmp_path, capture.raw, *columns).splitlines()
    ends = ["Interface\tCard", "Card\tInterface"]
    assert said[:6] == ends * 3
    assert said[6:10] == [
        "workstation\tLog_SV",
        "Log_SV\tworkstation",
        "workstation\tPS",
        "Vitale\tworkstation",
    ]
    assert said[10:12] == ends
    assert said[12] == ends[1]
    assert said[13:15] == ends
    assert said[15:] == ["program\tlibrary", "library\tprogram"]


def test_a_batch_says_first_how_many_invoices_it_has(tmp_path: Path) -> None:
    capture = Capture()
    batch = next(value for value, _ in LOAD_INVOICE.vectors if isinstance(value, LoadedBatch))
    data = LOAD_INVOICE.request.build(batch)
    progress = LOAD_INVOICE.response.build(LoadProgress(3))
    command = CommandApdu(CLA, LOAD_INVOICE.ins, data=data).build()
    capture.exchange("link", (Lad.LOG_SV, command, progress + b"\x90\0"))
    asked, answered = run(tmp_path, capture.raw, "-T", "fields", "-e", "_ws.col.Info").splitlines()
    assert asked.startswith("load_invoice  invoices 2 · first 2")
    assert answered == "9000 Done · load_invoice  stored 3"


def test_any_bytes_at_any_level_stop_nothing(tmp_path: Path) -> None:
    draw = random.Random(17)
    capture = Capture()
    heads = (b"", b"\x80\x40", b"\x21\x00", b"\x04\x1f", b"\x00\xa4\x04\x0c", b"\x3b\xff", b"\x21\x20\xfe")
    for _ in range(1_500):
        raw = draw.choice(heads) + draw.randbytes(draw.choice((0, 1, 2, 5, 40, 300)))
        level, from_reader = draw.choice((Level.T1, Level.VPCD)), draw.random() < 0.5
        capture.tracer.piece(
            "line", level, draw.choice(("", "Log_SV", "PS")), from_reader, raw, "", capture.tick()
        )
        capture.tracer.zone("C functions", raw, from_reader, "", capture.tick())
        capture.exchange("link", (draw.choice(list(Lad)), raw, draw.choice(heads) + draw.randbytes(3)))
        capture.tracer.reset("link", Lad.PS, raw, capture.tick())
    frames = dissect(tmp_path, capture.raw)
    assert len(frames) == 1_500 * 5
    assert not [each.line for frame in frames for each in frame.fields("tla.fail")]
    assert not any("_ws.malformed" in frame.others for frame in frames)


def test_a_foreign_capture_without_our_names_is_told_by_class(tmp_path: Path) -> None:
    exchanges = [*vectors(), (Lad.PS, bytes.fromhex("00B0000004"), b"\1\2\3\4\x90\0")]
    exchanges += [(Lad.PS, bytes.fromhex(head) + b"1234", b"\x90\0") for head in ("0020000104", "9020000104")]
    packets = [packet for _, *pair in exchanges for packet in zip("OI", pair, strict=True)]
    text, capture = tmp_path / "packets.txt", tmp_path / "made.pcapng"
    text.write_text("".join(f"{way} 000000 {raw.hex(' ')}\n" for way, raw in packets))
    made = ["text2pcap", "-q", "-P", "iso7816", "-D", str(text), str(capture)]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    frames = dissect(tmp_path, capture.read_bytes())
    for place, (lad, command, response) in enumerate(exchanges):
        told = describe(lad, command, response)
        check_message(frames[2 * place], told.request, told.command, len(command))
        check_message(frames[2 * place + 1], told.answer, response, len(response))
    fields = [each for frame in frames[-4:] for each in frame.fields()]
    assert not [each for each in fields if "31323334" in f"{each.line}{each.value}"], "a code in clear"


USBMON = struct.Struct("<QBBBBHbbqiiII8siiII")
AS_CCID = ("-d", "usb.device==65538,usbccid")
"""Bus 1, device 2: for captures that do not begin with the descriptors."""


class UsbCapture:
    """USB transfers of a CCID reader, as Linux' usbmon has them."""

    def __init__(self) -> None:
        self.raw = section_header("test") + interface("line CCID", USB)
        self.count = 0

    def transfer(self, from_reader: bool, kind: int, slot: int, data: bytes) -> None:
        self.count += 1
        message = struct.pack("<BIBBBBB", kind, len(data), slot, self.count & 0xFF, 0, 0, 0) + data
        event, endpoint, status = (b"C", 0x81, 0) if from_reader else (b"S", 0x02, -115)
        size = len(message)
        head = USBMON.pack(
            *(self.count, event[0], 3, endpoint, 2, 1, ord("-"), 0, 1_700_000_000, self.count, status),
            *(size, size, bytes(8), 0, 0, 0, 0),
        )
        options = packet_options("", from_reader)
        self.raw += packet(0, 1_700_000_000_000_000_000 + self.count, head, message, options)

    def exchange(self, slot: int, command: bytes, answer: bytes) -> None:
        self.transfer(False, 0x6F, slot, command)
        self.transfer(True, 0x80, slot, answer)


def test_ccid_transfers_show_the_blocks_and_apdus_that_they_carry(tmp_path: Path) -> None:
    asked = bytes.fromhex("8014000000")
    clock = (1_551_776_400_000).to_bytes(8) + b"\x90\0"
    usb = UsbCapture()
    for slot, atr in ((2, LOG_SV_ATR), (0, b"\x3b\0")):
        usb.transfer(False, 0x62, slot, b"")
        usb.transfer(True, 0x80, slot, atr)
    (question,), (answer,) = blocks_of(asked, 0, Edc.LRC, 254, 0), blocks_of(clock, 0, Edc.LRC, 254, 0)
    usb.exchange(2, question, answer)
    usb.exchange(0, bytes.fromhex("00B0000002"), b"\1\2\x90\0")
    usb.exchange(0, asked, b"\x6e\0")
    usb.exchange(0, bytes.fromhex("FF10117E"), bytes.fromhex("FF10117E"))
    frames = dissect(tmp_path, usb.raw, *AS_CCID)
    assert [len(frame.fields("tla.atr")) for frame in frames] == [0, 1, 0, 1, *[0] * 8]
    names = [[each.shown for each in frame.fields("tla.command")] for frame in frames[4:]]
    assert names == [*[["read_clock"]] * 2, *[["READ BINARY"]] * 2, *[["8014"]] * 2, [], []]
    message = Frame([frames[5].trees[1]])
    check_message(message, describe(Lad.LOG_SV, asked, clock).answer, clock, len(clock))


def test_any_bytes_in_ccid_transfers_stop_nothing(tmp_path: Path) -> None:
    draw = random.Random(17)
    usb = UsbCapture()
    for _ in range(1_000):
        kind = draw.choice((0x62, 0x6F, 0x80, 0x81, draw.randrange(256)))
        data = draw.choice((b"", b"\x3b", b"\0\0\5\x80\x14\0\0\0\x91", b"\0")) + draw.randbytes(
            draw.randrange(20)
        )
        usb.transfer(draw.random() < 0.5, kind, draw.randrange(3), data)
    frames = dissect(tmp_path, usb.raw, *AS_CCID)
    assert len(frames) == usb.count
    assert not [each.line for frame in frames for each in frame.fields("tla.fail")]
