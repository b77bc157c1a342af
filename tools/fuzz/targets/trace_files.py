"""Traces of both kinds: read, decoded, converted and compared with themselves, whatever their bytes."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from functools import cache
from typing import Final

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.exchange import describe
from tla_sim.protocol.groups.reader import ConfigurationHeader
from tla_sim.protocol.groups.zone import encode_zone
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.trace import MAGIC, TraceRecord, blank_code, decode
from tla_sim.tools.capture.conversion import convert
from tla_sim.tools.capture.flow_diff import diff_flows
from tla_sim.tools.capture.flow_words import place_words, say_difference
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcapng import UPPER_PDU, USB, interface, packet, packet_options, section_header
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reading import Read, ReadExchange, ReadReset, read_file
from tla_sim.tools.capture.upper_pdu import Dissector, prefix
from tla_sim.tools.capture.zone_groups import show_zone
from tla_sim.tools.cards.names import card_name
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import FLAWS, write
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.judge.violation import Violation

_NS: Final = MORNING * 1_000_000
_OK: Final = b"\x90\x00"
_COMMANDS: Final = (
    (Lad.LOG_SV, "8010000000"),
    (Lad.PS, "0020000108FFFFFFFFFFFFFFFF"),
    (Lad.LOG_SV, "80320000000000"),
    (Lad.VITALE, "00A404000BD2500000004164E86C010100"),
)
_VERIFY: Final = bytes.fromhex("00200001083139343733383536")
"""As another program writes it: with a code."""
_NAMES: Final = ("a Log_SV", "a PS", "b Vitale", "Log_SV", "eth0", "", "a T=1", "x SSV")
_MOST_AT_ONCE: Final = 20


@cache
def _records() -> tuple[bytes, ...]:
    records = [TraceRecord(MORNING, lad, bytes.fromhex(raw), _OK) for lad, raw in _COMMANDS]
    return (MAGIC + b"".join(record.build() for record in records),)


def _tweaked_records(chance: Chance) -> bytes:
    request, response = _exchange(chance)
    lad = pick(chance, tuple(Lad))
    return MAGIC + TraceRecord(chance.below(2) * MORNING, lad, request, response).build() * (
        1 + chance.below(3)
    )


def _exchange(chance: Chance) -> tuple[bytes, bytes]:
    if not chance.below(8):
        return _VERIFY, b"\x63\xc2"
    command = pick(chance, tuple(COMMANDS))
    words = players.words()
    request = bytes((0x80, command.ins, 0, 0)) + write(command.request, chance, pick(chance, FLAWS), words)
    return request, write(command.response, chance, pick(chance, FLAWS), words) + _OK


@cache
def _captures() -> tuple[bytes, ...]:
    """Return what our tracer writes, and what other programs might."""
    ours = io.BytesIO()
    tracer = PcapngTracer(ours.write)
    tracer.reset("a", Lad.LOG_SV, LOG_SV_ATR, _NS)
    for lad, command in _COMMANDS:
        tracer.command("a", lad, bytes.fromhex(command), _NS)
        tracer.piece("a", Level.T1, "", False, bytes.fromhex("21000080"), "", _NS)
        tracer.answer("a", lad, _OK, _NS + 1)
    tracer.zone("a", encode_zone([ConfigurationHeader(ssv_version="4.03")]), True, "SSV_LireConfig", _NS)
    tags = struct.pack(">HH7sI", 12, 7, b"iso7816", 0)
    others = section_header("other") + interface("")
    others += packet(0, _NS, tags, _VERIFY, b"") + packet(0, _NS, tags, _OK, b"")
    return ours.getvalue(), others


def _tweaked_capture(chance: Chance) -> bytes:
    raw = section_header("x" * chance.below(9))
    names = [pick(chance, _NAMES) for _ in range(1 + chance.below(4))]
    raw += b"".join(interface(name, pick(chance, (UPPER_PDU, UPPER_PDU, USB))) for name in names)
    for _ in range(1 + chance.below(_MOST_AT_ONCE)):
        request, response = _exchange(chance)
        dissector = pick(chance, tuple(Dissector))
        number = chance.below(len(names) + (not chance.below(9)))
        for data, inbound in ((request, False), (response, True)):
            options = packet_options(pick(chance, ("", "ATR", "x")), inbound) if chance.below(4) else b""
            tags = prefix(dissector, inbound) if chance.below(5) else b""
            raw += packet(number, chance.below(2) * _NS, tags, data, options)
    return raw


def _read_trace(raw: bytes) -> None:
    reads, problem = _take(raw)
    for each in reads:
        _look(each)
    for difference in diff_flows(reads, reads):
        raise Violation("the same flow", "a trace differs from itself", difference.kind.value)
    for difference in diff_flows(reads[1:], reads):
        if not (say_difference(difference) and place_words(difference.yours)):
            raise Violation("in words", "a difference is not told")
    exchanges = [each for each in reads if isinstance(each, ReadExchange)]
    for to_pcapng in (True, False):
        out = io.BytesIO()
        convert(iter(reads), out, to_pcapng=to_pcapng)
        again = [each for each in _take(out.getvalue())[0] if isinstance(each, ReadExchange)]
        if [_said(each) for each in again] != [_said(each) for each in exchanges]:
            raise Violation("round trip", "a converted trace holds other exchanges")
    if problem is not None:
        raise problem


def _take(raw: bytes) -> tuple[Sequence[Read], CodecError | None]:
    """Return what a trace holds before its damage, and that."""
    reads: list[Read] = []
    try:
        reads.extend(read_file(io.BytesIO(raw)))
    except CodecError as error:
        return reads, error
    return reads, None


def _said(each: ReadExchange) -> tuple[Lad, bytes, bytes, int]:
    return each.lad, each.command, each.response, each.started_ns // 1_000_000


def _look(read: Read) -> None:
    if isinstance(read, ReadExchange):
        if blank_code(read.lad, read.command) != read.command:
            raise Violation("codes", "a code stands in what was read")
        decode(TraceRecord(0, read.lad, read.command, read.response))
        told = describe(read.lad, read.command, read.response)
        for each in (*told.request, *told.answer):
            each.as_json()
    elif isinstance(read, ReadReset):
        card_name(read.atr)
    else:
        show_zone(read.data)


RECORDS: Final = FileKind(_records, _read_trace, _tweaked_records)
PCAPNG: Final = FileKind(_captures, _read_trace, _tweaked_capture)
