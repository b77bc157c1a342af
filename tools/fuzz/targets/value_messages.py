"""Values that travel over links, chosen field by field: APDUs, blocks, messages, data objects, codes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from tla_sim.protocol import ccid
from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.code_channel import CodeChannelEnd
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.block import Block, Control, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.tlv import Tlv, parse_all
from tla_sim.protocol.trace import MAGIC, TraceRecord, decode, read_trace
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import FLAWS, write
from tla_sim.tools.judge.violation import Violation

_SIZES: Final = (0, 0, 1, 5, 254, 255, 256, 257, 65_535, 65_536)
_BYTE: Final = (0, 1, 0x20, 0x80, 0xFF, 256, -1)
_NES: Final = (0, 0, 1, 256, 257, 65_536, 65_537, -1)
_TAGS: Final = (0x81, 0x9F21, 0xDF8101, 0x30, 0x70, 0xBF21, 0x1F, 0, -1, 0x9F, 0xFFFFFFFF, 0x8181)
_WORDS: Final = (0x9000, 0x63C2, 0x6A80, 0x1234)
_CODES: Final = ("1234", "12345678", "123", "123456789", "12a4", "", "١٢٣٤")


def _same(again: object, value: object, what: Sentence) -> None:
    if again != value:
        raise Violation("round trip", "{what} reads back differently", what=what)


def _apdu(chance: Chance) -> None:
    cla, ins, p1, p2 = (pick(chance, _BYTE) if not chance.below(4) else chance.below(256) for _ in range(4))
    apdu = CommandApdu(cla, ins, p1, p2, bytes(pick(chance, _SIZES)), pick(chance, _NES))
    _same(CommandApdu.parse(apdu.build()), apdu, Sentence("a command APDU"))
    if apdu.case not in (1, 2, 3, 4) or apdu.extended is not (len(apdu.data) > 255 or apdu.ne > 256):
        raise Violation("form", "an APDU's case does not follow from its lengths")
    answer = ResponseApdu(bytes(pick(chance, _SIZES)), chance.below(65_536))
    _same(ResponseApdu.parse(answer.build()), answer, Sentence("a response APDU"))


def _block(chance: Chance) -> None:
    edc, number, inf = pick(chance, tuple(Edc)), chance.below(2), chance.data(pick(chance, (0, 1, 254, 255)))
    control: Control = Information(number, more=bool(chance.below(2)))
    if not chance.below(3):
        control, inf = Ready(number, pick(chance, tuple(Fault))), b""
    elif not chance.below(2):
        control = Supervisory(pick(chance, tuple(Supervision)), response=bool(chance.below(2)))
        inf = inf[: control.inf_size]
    block = Block(chance.below(256), control, inf)
    raw = block.build(edc)
    if chance.below(2):
        raw = pick(chance, (raw[:-1], raw + raw, raw[:3]))
    _same(Block.parse(raw, edc), block, Sentence("a block"))


def _ccid(chance: Chance) -> None:
    data = chance.data(pick(chance, (0, 1, 30)))
    three = [pick(chance, _BYTE) for _ in range(3)]
    sequence = pick(chance, _BYTE)
    kind = pick(chance, tuple(ccid.Kind))
    raw = ccid.Request(kind, chance.below(3), sequence, data, three[0], three[1], three[2]).build()
    spoilt = pick(chance, (raw, raw, raw[:9], raw[:-1], raw + b"\0"))
    request = ccid.Request.parse(spoilt)
    _same(request.build(), spoilt, Sentence("a CCID request"))
    cutter = ccid.FrameCutter(reader=bool(chance.below(2)))
    stream = ccid.frame_message(raw) + pick(chance, (b"", b"\x03", b"\x50", b"\x50\x03", b"\x03\x06\x7a"))
    at = chance.below(len(stream) + 1)
    cutter.feed(stream[:at])
    cutter.feed(stream[at:])
    cutter.silence()


def _object(chance: Chance) -> None:
    made = Tlv(pick(chance, _TAGS), bytes(pick(chance, (0, 1, 127, 128, 300))))
    for _ in range(pick(chance, (0, 1, 3, 20))):
        made = Tlv(pick(chance, (0x30, 0x70, 0xBF21, 0x81)), (made,) * (1 + chance.below(2)))
        if chance.below(2):
            break
    if made.find(0x81) is None and isinstance(made.content, bytes) and chance.below(2):
        made.children  # noqa: B018 - a primitive object holds none, and says so
    raw = made.build()
    _same(parse_all(raw), (made,), Sentence("a data object"))


def _trace(chance: Chance) -> None:
    command = pick(chance, tuple(COMMANDS))
    lad = pick(chance, tuple(Lad))
    sent = bytes((0x80, command.ins, 0, 0)) + write(command.request, chance, pick(chance, FLAWS))
    sent = pick(chance, (sent, sent, b"", b"\0\x20\0\1\4" + b"1234", chance.data(chance.below(12))))
    word = pick(chance, _WORDS).to_bytes(2, "big")
    answer = pick(
        chance, (b"", b"\x90", word, b"ab" + word, write(command.response, chance, FLAWS[0]) + word)
    )
    record = TraceRecord(chance.below(2**40), lad, sent, answer)
    raw = record.build()
    if b"1234" in raw and lad is not Lad.LOG_SV and sent[:2] == b"\0\x20":
        raise Violation("secret", "a code porteur stands in a trace")
    for read in read_trace(io.BytesIO(MAGIC + pick(chance, (raw, raw + raw, raw[:-1])))):
        decode(read)


def _code(chance: Chance) -> None:
    code, serial = pick(chance, _CODES), pick(chance, ("1" * 20, "2" * 20))
    reader, host = CodeChannelEnd(chance.data(32)), CodeChannelEnd(chance.data(32))
    sealed = host.seal(code, reader.public_key, serial)
    if chance.below(2):
        at = chance.below(len(sealed))
        sealed = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
    try:
        opened = reader.open(sealed, pick(chance, (host.public_key, bytes(32))), serial)
    except CodecError as error:
        if code and code in str(error):
            raise Violation("secret", "a refused code porteur stands in the error") from None
        raise
    _same(opened, code, Sentence("a code porteur"))


KINDS: Final[dict[str, Callable[[Chance], None]]] = {
    "apdu": _apdu,
    "block": _block,
    "ccid": _ccid,
    "object": _object,
    "trace": _trace,
    "code": _code,
}
