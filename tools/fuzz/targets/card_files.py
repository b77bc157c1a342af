"""Kinds of files on cards: data objects, and certificates, each after the question to ask about it."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import verify_signer_certificate
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.tlv import Tlv, parse, parse_all
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.players import cards
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.judge.violation import Violation

_TAGS: Final = (0x81, 0x9F21, 0xDF8101, 0x30, 0x70, 0xBF21)
_CONTENTS: Final = (b"", b"\x01", b"A" * 127, b"A" * 128, b"A" * 300)
_MOMENTS: Final = (0, MORNING, 4_102_444_800_000, 2**63)
_DEEP: Final = 40


def _objects() -> tuple[bytes, ...]:
    inner = (Tlv(0x81, b"\x01"), Tlv(0x9F21, b"A" * 200))
    made = (Tlv(0x30, (*inner, Tlv(0xBF21, inner))).build(), Tlv(0x81, b"x").build())
    return (*made, *_on_cards())


@cache
def _on_cards() -> tuple[bytes, ...]:
    """Return the files of the cast's cards that are data objects."""
    found: dict[bytes, None] = {}
    for image, _ in cards().values():
        for file in image.files:
            with suppress(CodecError):
                parse_all(file.content)
                found[file.content] = None
    found.pop(b"", None)
    return tuple(found)


def _tweaked_objects(chance: Chance) -> bytes:
    out = b""
    depth = pick(chance, (1, 2, 3, _DEEP))
    for _ in range(depth):
        tag = pick(chance, _TAGS)
        head = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
        body = out + pick(chance, _CONTENTS) if chance.below(2) else out
        size = len(body) if chance.below(8) else chance.below(400)
        long = bytes((0x82,)) + size.to_bytes(2, "big")
        out = head + pick(chance, (long, long, bytes((size & 0x7F,)), b"\x80", b"\x85\0\0\0\0\1")) + body
    return out


def _read_objects(raw: bytes) -> None:
    objects = parse_all(raw)
    built = b"".join(each.build() for each in objects)
    if parse_all(built) != objects:
        raise Violation("round trip", "data objects read back differently")
    for each in objects:
        if isinstance(each.content, tuple):
            for child in each.children:
                if each.find(child.tag) is None:
                    raise Violation("round trip", "a data object is not found in the one that holds it")
        if each.value not in each.build():
            raise Violation("form", "a data object is built without its value")
    parse(raw)


@cache
def _certificates() -> tuple[bytes, ...]:
    from tla_sim.tools.fuzz.targets.sample_fses import signed_documents

    blocks = [block for raw in signed_documents() for block in Fse.parse(raw).blocks]
    return tuple(dict.fromkeys(bytes(3) + block.certificate for block in blocks))


def _tweaked_certificate(chance: Chance) -> bytes:
    raw = bytearray(pick(chance, _certificates()))
    raw[:3] = bytes((1 if chance.below(4) else chance.below(4), chance.below(4), chance.below(3)))
    match chance.below(6):
        case 0:
            raw[3 + chance.below(len(raw) - 3)] ^= 1 << chance.below(8)
        case 1:
            at = 3 + chance.below(len(raw) - 4)
            raw[at : at + 2] = chance.data(2)
        case 2:
            raw += bytes(pick(chance, (1, 4_096)))
        case _:
            pass
    return bytes(raw)


def _read_certificate(raw: bytes) -> None:
    """Verify a certificate for the date, profiles and kind that the first three bytes choose."""
    asked, der = raw[:3].ljust(3, b"\0"), raw[3:]
    moment = _MOMENTS[asked[0] % len(_MOMENTS)]
    profiles = (None, (CardProfile.CPS,), tuple(CardProfile), (CardProfile.VITALE,))[asked[1] % 4]
    kind = (None, CardKind.TEST, CardKind.REAL)[asked[2] % 3]
    verify_signer_certificate(der, moment, ANCHORS, profiles=profiles, kind=kind)
    if der not in [each[3:] for each in _certificates()]:
        raise Violation("signature", "an altered certificate is trusted")


OBJECTS: Final = FileKind(_objects, _read_objects, _tweaked_objects)
CERTIFICATE: Final = FileKind(_certificates, _read_certificate, _tweaked_certificate)
