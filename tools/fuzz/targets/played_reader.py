"""A reader with two hosts on cables, and the acts of sequences that are played on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.apdu import ResponseApdu
from tla_sim.protocol.code_channel import CodeChannelEnd
from tla_sim.protocol.commands.cards import READ_PS_CARD, VERIFY_CODE, CodeEntry, CodePresentation
from tla_sim.protocol.commands.certifying import SIGN_FINAL, FinalSignatureRequest
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, Acknowledgement
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.load import acknowledgement_digest, fingerprint
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.keypad import Key as KeypadKey
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.fuzz.case import Step
from tla_sim.tools.fuzz.players import SLOT_OF, cards
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.sequences import apdu_of, request_apdu
from tla_sim.tools.judge.answers import check_time
from tla_sim.tools.judge.violation import Violation

LINKS: Final = ("a", "b")
LONGEST_MS: Final = 60_000
"""No answer takes longer, in virtual time: a code porteur may be typed for 30 s, 255 signatures take 25 s."""


class PlayedReader:
    """A reader with its clock and cables; subclasses judge its answers in `command`.

    `given` has the contents unloaded last on each link, `certified` those certified in this case.
    """

    reader: Reader

    def __init__(self, notes: Notes, reader: Reader, *, judging: bool) -> None:
        self.notes = notes
        self.reader = reader
        self.judging = judging
        self.clock = reader.board.clock
        self.entropy = reader.board.entropy
        self.ports: dict[str, ReaderPort] = {}
        self.given: dict[str, list[bytes]] = {link: [] for link in LINKS}
        self.certified: list[bytes] = []
        self._cards: dict[tuple[str, str], Card] = {}

    @property
    def longest_ms(self) -> int:
        """The longest time of an answer."""
        return LONGEST_MS

    def unanswered(self, raw: bytes) -> Exception:
        """Return the exception for a command without an answer."""
        return Violation("answer", "no answer to {command}", command=name_of(raw))

    def saw(self, name: str, answer: ResponseApdu) -> None:
        """Note the answer to a command."""
        self.notes.saw(name, f"{answer.word:04X}" if answer.status is None else answer.status.name)

    def command(self, link: str, raw: bytes, keys: str = "", code: str | None = None) -> bytes:
        """Send a command to Log_SV and judge its answer. Return the answer.

        `keys` are pressed if a code porteur is asked for; `code` is the code that `raw` carries enciphered.
        """
        raise NotImplementedError

    def plug(self) -> None:
        """Plug in both cables."""
        for link in LINKS:
            self.ports[link] = self.reader.attach(link)

    def make_card(self, name: str) -> Card:
        """Return a freshly issued card."""
        return Card(cards()[name][0], self.entropy)

    def insert(self, slot: str, name: str) -> None:
        """Insert a card, the same object each time; the one before comes out."""
        self.remove(slot)
        card = self._cards.get((slot, name))
        if card is None:
            card = self._cards[slot, name] = self.make_card(name)
        self.reader.insert(SLOT_OF[slot], card)

    def remove(self, slot: str) -> bool:
        """Take the card out. Return whether there was one."""
        return self.reader.remove(SLOT_OF[slot]) is not None

    def tick(self, ms: int) -> None:
        """Let time pass."""
        self.reader.tick(ms)

    def power_cycle(self) -> None:
        """Switch off and on."""
        raise NotImplementedError

    def reset(self, link: str) -> None:
        """Begin a new session on the link."""
        self.ports[link].reset()

    def open_case(self) -> None:
        """Open the reader's case."""
        self.reader.board.tamper.open_case()

    def to_card(self, link: str, slot: str, raw: bytes) -> None:
        """Send a raw APDU to the card in a slot."""
        raise NotImplementedError

    def visit(self, keys: str) -> None:
        """Unplug the cables, press keys, and plug them in again."""
        raise NotImplementedError

    def exchange(self, link: str, raw: bytes, lad: Lad = Lad.LOG_SV, keys: str = "") -> bytes:
        """Exchange one command in virtual time, pressing keys if it waits for a code. Return the answer."""
        port, clock = self.ports[link], self.clock
        started = clock.now_ms
        port.begin(lad, raw)
        if port.code_entry is not None:
            for key in keys.split():
                self.reader.press(KeypadKey(key))
        response = port.poll()
        while response is None:
            due = port.due_ms
            if due is None:
                raise self.unanswered(raw)
            self.reader.tick(max(due - clock.now_ms, 0))
            check_time(name_of(raw), clock.now_ms - started, self.longest_ms)
            response = port.poll()
        return response

    def present_code(self, link: str, code: str) -> None:
        """Read the PS card and send a code enciphered for it."""
        response = self.command(link, apdu_of(READ_PS_CARD, b""))
        if response[-2:] != b"\x90\x00":
            return
        typed = READ_PS_CARD.response.parse(response[:-2])
        end = CodeChannelEnd(self.entropy.take(32))
        cryptogram = end.seal(code, typed.code_key, typed.serial)
        request = CodePresentation(CodeEntry.HOST, end.public_key, cryptogram)
        self.command(link, request_apdu(VERIFY_CODE, request), code=code)

    def type_code(self, link: str, keys: str) -> None:
        """Have a code typed at the reader; keys between spaces, none lets the reader wait in vain."""
        self.command(link, apdu_of(VERIFY_CODE, b"\0\0\0"), keys=keys)

    def acknowledge(self, link: str, how: str) -> None:
        """Acknowledge what was unloaded last, in the way `how`: last, named, wrong, or loaded ones."""
        contents = self.given[link]
        prints = [fingerprint(digest(content)) for content in contents]
        names: tuple[DocumentId, ...] = ()
        if how == "named":
            names = tuple(document_name(content) for content in contents)
        elif how == "loaded":
            entries = self.reader.app.store.entries()[:3]
            names = tuple(entry.key for entry in entries)
            prints = [fingerprint(entry.digest) for entry in entries]
        proof = bytes(32) if how == "wrong" else acknowledgement_digest(prints)
        self.command(link, request_apdu(ACKNOWLEDGE_FSE, Acknowledgement(proof, names)))

    def sign_final(self, link: str, spoil: int) -> None:
        """Request final signatures of what this case certified. Bit `spoil` is flipped; -1: none."""
        documents = self.certified[-3:] or self.given[link][:3]
        if spoil >= 0 and documents:
            first = bytearray(documents[0])
            first[spoil // 8 % len(first)] ^= 1 << spoil % 8
            documents = [bytes(first), *documents[1:]]
        self.command(link, request_apdu(SIGN_FINAL, FinalSignatureRequest(tuple(documents))))


def declared_pairs() -> tuple[tuple[str, str], ...]:
    """Return each command with each status it declares, by their names."""
    return tuple((command.name, status.name) for command in COMMANDS for status in command.statuses)


def name_of(raw: bytes) -> str:
    """Return the name of the command of an APDU's instruction byte."""
    command = COMMANDS.get(raw[1]) if len(raw) > 3 else None
    return "no command" if command is None else command.name


def document_name(content: bytes) -> DocumentId:
    """Return the name of a document."""
    fse = Fse.parse(content)
    return DocumentId(fse.invoice.owner, fse.invoice.number, fse.kind)


def _split(arg: str) -> tuple[str, str]:
    first, _, rest = arg.partition(":")
    return first, rest


ACTS: Final[dict[str, Callable[[PlayedReader, Step], object]]] = {
    "apdu": lambda played, step: played.command(step.arg, step.data),
    "code": lambda played, step: played.present_code(*_split(step.arg)),
    "type": lambda played, step: played.type_code(*_split(step.arg)),
    "ack": lambda played, step: played.acknowledge(*_split(step.arg)),
    "final": lambda played, step: played.sign_final(_split(step.arg)[0], int(_split(step.arg)[1])),
    "card": lambda played, step: played.to_card(*_split(step.arg), step.data),
    "insert": lambda played, step: played.insert(*_split(step.arg)),
    "remove": lambda played, step: played.remove(step.arg),
    "tick": lambda played, step: played.tick(int(step.arg)),
    "power": lambda played, _: played.power_cycle(),
    "reset": lambda played, step: played.reset(step.arg),
    "tamper": lambda played, _: played.open_case(),
    "visit": lambda played, step: played.visit(step.arg),
}
"""The acts of `sequences`, by name."""
