"""Target: APDUs to each card, and what a card must never do whatever it is asked."""

from __future__ import annotations

from functools import cache
from typing import Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import SIGNATURE_BYTES
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.code_porteur import MAX_TRIES, code_block
from tla_sim.reader_fw.cards.data_objects import CODE_REFERENCE
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE, MAYA
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.players import CardFacts, cards
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.log_sv_world import live_size
from tla_sim.tools.judge.violation import Violation

LONGEST_MS: Final = 1_000
LARGEST_ANSWER: Final = 65_538
LARGEST_CARD: Final = 300_000
_CPS4: Final = "maya-cps4"
_SIGNATURE_WAITS: Final = 0x6100
_NAMES: Final = ("maya", "anne", "martin", "noe", _CPS4)
_INS: Final = {
    0xA4: "SELECT",
    0xB0: "READ BINARY",
    0xC0: "GET RESPONSE",
    0x84: "GET CHALLENGE",
    0x22: "MANAGE SECURITY ENVIRONMENT",
    0x2A: "PERFORM SECURITY OPERATION",
    0x20: "VERIFY",
    0x24: "CHANGE REFERENCE DATA",
    0x2C: "RESET RETRY COUNTER",
    0x88: "INTERNAL AUTHENTICATE",
    0xD6: "UPDATE BINARY",
    0x70: "MANAGE CHANNEL",
    0xCB: "GET DATA",
}
_WRITING: Final = ("VERIFY", "CHANGE REFERENCE DATA", "RESET RETRY COUNTER")
"""Commands that write even when they are refused."""
_FIDS: Final = (
    *("3F00", "2F00", "2F01", "D003", "0001", "5031", "5032"),
    *("7001", "A001", "A002", "D001", "D002", "5600"),
    *("2F02", "5601", "2001", "7006", "A003", "D107", "D120"),
)
_DIGEST: Final = bytes(32)
_DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420") + bytes(32)
_CODES: Final = (code_block(CODE.encode()), code_block(b"9999"), b"12345678", bytes(8), b"1234")
_PROGRAMS: Final = (
    bytes.fromhex("00B0810000"),
    bytes.fromhex("00B0820000"),
    bytes.fromhex("00B0830000"),
    bytes.fromhex("00C0000000"),
    bytes.fromhex("00CB3FFF00"),
    bytes.fromhex("0084000008"),
    bytes.fromhex("00200001"),
    bytes.fromhex("0020FF01"),
    CommandApdu(0, 0xA4, 4, 0x0C, at.PS_AID).build(),
    CommandApdu(0, 0xA4, 4, 0, at.PS_AID, 256).build(),
    CommandApdu(0, 0xA4, 4, 0x0C, at.VITALE_AID).build(),
    CommandApdu(0, 0xA4, 4, 0, at.VITALE_MF_AID, 256).build(),
    CommandApdu(0, 0xA4, 4, 0, at.VITALE_PUBLIC_AID).build(),
    CommandApdu(0, 0x22, 0x41, 0xB6, bytes.fromhex("840181800142")).build(),
    CommandApdu(0, 0x22, 0x41, 0xA4, bytes.fromhex("840182800102")).build(),
    CommandApdu(0, 0x20, 0, 1, _CODES[0]).build(),
    CommandApdu(0, 0x2A, 0x9E, 0x9A, _DIGEST_INFO, 256).build(),
    CommandApdu(0, 0x88, 0, 0, _DIGEST_INFO, 256).build(),
    bytes.fromhex("00700000" + "01"),
    bytes.fromhex("002241AA03800140"),
    bytes.fromhex("002A90A005900080" + "01AA"),
    bytes.fromhex("002A9E9A00"),
    CommandApdu(0, 0x2A, 0x90, 0xA0, b"\x90\x28" + _DIGEST + (512).to_bytes(8, "big") + b"\x80\1a").build(),
    CommandApdu(0, 0x2A, 0x9E, 0x9A, _DIGEST, 256).build(),
    CommandApdu(0, 0xA4, 9, 0x0C, bytes.fromhex("3F000001D107")).build(),
    CommandApdu(0, 0xD6, 0, 0, b"written").build(),
    CommandApdu(0, 0x20, 0, 2, _CODES[2]).build(),
    CommandApdu(0, 0x24, 1, 1, _CODES[1]).build(),
    bytes.fromhex("002C0381"),
    CommandApdu(1, 0xA4, 4, 0x0C, at.PS_ROOT_AID).build(),
    CommandApdu(1, 0x20, 0, 1, _CODES[0]).build(),
    bytes.fromhex("012281B60491022890"),
    bytes.fromhex("012281B604910215A0"),
    CommandApdu(1, 0x2A, 0x9E, 0x9A, _DIGEST, 256).build(),
    bytes.fromhex("012241B803830120"),
    CommandApdu(0x11, 0x2A, 0x80, 0x86, bytes(255)).build(),
    CommandApdu(1, 0x2A, 0x80, 0x86, b"\1", 256).build(),
)


@cache
def _cards() -> dict[str, tuple[CardImage, CardFacts]]:
    """Return the cast's cards, and a nurse's of the later model."""
    later = ps_image(MAYA, terms=CardTerms(model=CardModel.CPS4))
    return {**cards(), _CPS4: (later, cards()["maya"][1])}


def _command(chance: Chance) -> bytes:
    if chance.below(2):
        raw = pick(chance, _PROGRAMS)
        return raw if chance.below(3) else mutated(raw, chance)
    ins = pick(chance, tuple(_INS)) if chance.below(8) else chance.below(256)
    data = b""
    match ins:
        case 0xA4:
            data = bytes.fromhex(pick(chance, _FIDS)) if chance.below(3) else chance.data(chance.below(17))
        case 0x20 | 0x24 | 0x2C:
            data = b"".join(pick(chance, _CODES) for _ in range(1 + chance.below(2)))
        case 0x2A | 0x88:
            data = _DIGEST_INFO if chance.below(2) else chance.data(chance.below(256))
        case 0x22:
            data = bytes((0x84, 1, pick(chance, (0x81, 0x82, 0x83)), 0x80, 1, chance.below(256)))
        case _:
            data = chance.data(chance.below(12)) if not chance.below(4) else b""
    cla = pick(chance, (0, 0, 0, 0, 1, 0x10, 0x80, 0xFF))
    p1 = pick(chance, (0, 0, 1, 3, 4, 8, 9, 0x41, 0x80, 0x81, 0x9E, 0xFF))
    p2 = pick(chance, (0, 0, 1, 4, 0x0C, 0x81, 0x9A, 0xB6, 0xFF))
    try:
        return CommandApdu(cla, ins, p1, p2, data, pick(chance, (0, 1, 8, 256, 256, 65_536))).build()
    except CodecError:
        return b""


class CardsTarget(Target):
    """APDUs to one card per case: CPS of either model, CPE, CPF or Vitale."""

    name = "cards"
    unit = "APDU"
    summary = Sentence("APDUs into each card")
    acts = ("card", "reset", "apdu")

    def generate(self, chance: Chance) -> Case:
        """Choose a card, then 20 to 100 commands, sometimes a reset."""
        steps = [Step("card", pick(chance, _NAMES))]
        for _ in range(20 + chance.below(80)):
            steps.append(Step("reset") if not chance.below(40) else Step("apdu", "", _command(chance)))
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        name = next((step.arg for step in case if step.act == "card" and step.arg in _cards()), _NAMES[0])
        table = _Table(name, notes)
        for step in case:
            if step.act == "reset":
                table.reset()
            elif step.act == "apdu":
                table.command(step.data)
        if live_size(table.card, LARGEST_CARD) > LARGEST_CARD:
            raise Violation("memory", "the card grows without bound")

    def bare(self, case: Case) -> int:
        """Feed the card alone."""
        card = Card(_cards()[_NAMES[0]][0], SeededEntropy(7))
        card.power_on()
        for step in case:
            if step.act == "apdu":
                card.transmit(step.data)
        return len(case)

    def describe(self, case: Case) -> list[str]:
        """Return one line per step, with the name of its command."""
        return [f"{step.act} {step.arg} {_ins(step.data)} {step.data.hex()}".strip() for step in case]


class _Table:
    """A card and its rules: tries count, nothing is signed without the code, a refusal changes nothing."""

    def __init__(self, name: str, notes: Notes) -> None:
        image, facts = _cards()[name]
        self._has_code = bool(facts.owns or facts.signs)
        self._notes = notes
        self._persisted = image.build()
        self._image = self._persisted
        self.card = Card(image, SeededEntropy(7), self._persist)
        self.card.power_on()
        self._wrong = 0

    def _persist(self, raw: bytes) -> None:
        self._persisted = raw

    def reset(self) -> None:
        """Reset the card: its answer to reset must not change."""
        self.card.power_off()
        if self.card.power_on() != self.card.atr:
            raise Violation("form", "a reset gives another answer to reset")

    def command(self, raw: bytes) -> None:
        """Send a command and judge its answer."""
        verified_before = self._verified()
        tries = self._tries()
        answer = self.card.transmit(raw)
        name = _ins(raw)
        if not 2 <= len(answer) <= LARGEST_ANSWER:
            raise Violation(
                "form", "{command} is answered with {count} bytes", command=name, count=len(answer)
            )
        word = int.from_bytes(answer[-2:], "big")
        self._notes.saw(name, f"{word & 0xFF00 if word >> 8 in (0x61, 0x6C) else word:04X}")
        if word >> 12 not in (6, 9):
            raise Violation(
                "form",
                "{command} is answered {word:04X}, which is not a status word",
                command=name,
                word=word,
            )
        if not 0 <= self.card.latency_ms <= LONGEST_MS:
            raise Violation("time", "{command} takes {ms} ms", command=name, ms=self.card.latency_ms)
        self._judge_data(name, answer, word)
        image = self.card.image.build()
        if image != self._image and name not in _WRITING and (name != "UPDATE BINARY" or word != Status.OK):
            raise Violation("state", "{command} changes the card's memory", command=name)
        if image != self._persisted and image != self._image:
            raise Violation("state", "an answer leaves before the memory is written")
        if self._has_code:
            self._judge_code(raw, word, verified_before, tries)
        self._image = image

    def _judge_data(self, name: str, answer: bytes, word: int) -> None:
        refused = word >> 8 not in (0x90, 0x61, 0x62, 0x63)
        if refused and len(answer) > 2:
            raise Violation(
                "form", "{command} is refused with {word:04X} and gives data", command=name, word=word
            )
        signs = name in ("PERFORM SECURITY OPERATION", "INTERNAL AUTHENTICATE")
        # With T=0 a signature waits behind 6100, as many bytes as it has.
        given = len(answer) == SIGNATURE_BYTES + 2 or word == _SIGNATURE_WAITS
        if signs and self._has_code and not self._verified() and given:
            raise Violation("security", "{command} signs without the code porteur", command=name)

    def _judge_code(self, raw: bytes, word: int, verified_before: bool, tries: int) -> None:
        name = _ins(raw)
        wrong = name == "VERIFY" and raw[3] == CODE_REFERENCE and word & 0xFFF0 == Status.CODE_WRONG
        left = self._tries()
        if not 0 <= left <= MAX_TRIES:
            raise Violation("state", "{count} tries left", count=left)
        if left > tries and word != Status.OK:
            raise Violation("security", "a refused {command} gives tries back", command=name)
        if self._verified() and not verified_before and (word != Status.OK or name == "SELECT"):
            raise Violation(
                "security", "{command} answered {word:04X} opens the card", command=name, word=word
            )
        if name == "VERIFY" and self._verified() and not verified_before and left != MAX_TRIES:
            raise Violation("state", "the right code does not give the tries back")
        if wrong and left < tries - 1:
            raise Violation("state", "a wrong code costs more than one try")
        if wrong and self._verified():
            raise Violation("security", "a wrong code leaves the card open")

    def _tries(self) -> int:
        code = self.card.image.code
        return 0 if code is None else code.tries_left

    def _verified(self) -> bool:
        # Asking with VERIFY would end what is being observed: a chain, a response that waits.
        return self.card.verified


def _ins(raw: bytes) -> str:
    return _INS.get(raw[1], "other") if len(raw) > 3 and raw[0] & 0xEC == 0 else "other"
