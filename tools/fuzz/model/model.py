"""The reference model: it is told what happens to the reader, and predicts each answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Authentication, Command
from tla_sim.protocol.commands.loading import OPEN_LOAD
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, UNLOAD_FSE
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.load import acknowledgement_digest
from tla_sim.protocol.errors import CodecError
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz.model import rules
from tla_sim.tools.fuzz.model.effects import take_effect
from tla_sim.tools.fuzz.model.rules import Ask, refusal
from tla_sim.tools.fuzz.model.state import HOLD_MS, IDLE_MS, Link, State
from tla_sim.tools.fuzz.players import CardFacts
from tla_sim.tools.judge.board import CERTIFIED

Fingerprint = Callable[[DocumentId], bytes]
_OK: Final = int(Status.OK)
_DOUBTFUL_BYTES: Final = range(50_000, rules.LARGEST_LOAD)
MAX_TRIES: Final = 3


class Expected:
    """What the model expects of one command: the allowed status words, and the parsed request."""

    def __init__(
        self, words: Sequence[int], command: Command[Any, Any] | None = None, ask: Ask | None = None
    ):
        self.words = tuple(words)
        self.command = command
        self.ask = ask


class Model:
    """Applies the rules to one reader's state.

    `fingerprint` returns the digest prefix of a document on board.
    """

    def __init__(self, max_owners: int, max_documents: int, fingerprint: Fingerprint) -> None:
        self.state = State(max_owners, max_documents)
        self._fingerprint = fingerprint

    def attach(self, link: str) -> None:
        """Plug in a cable."""
        self.state.links[link] = Link()

    def insert(self, slot: str, facts: CardFacts) -> None:
        """Insert a card."""
        state = self.state
        if slot == "PS":
            state.ps_insertions += 1
            state.ps, state.ps_insertion, state.card_knows_code = facts, state.ps_insertions, False
        else:
            state.vitale = facts

    def remove(self, slot: str) -> None:
        """Take a card out: every link forgets its code."""
        state = self.state
        if slot == "PS":
            state.ps, state.ps_insertion, state.card_knows_code = None, 0, False
            for link in state.links.values():
                link.forget_code()
        else:
            state.vitale = None

    def power_cycle(self) -> None:
        """Switch off and on: sessions and codes are lost, what is on the flash stays."""
        self.state.switch_off()

    def reset(self, link: str) -> None:
        """Begin a new session on a link."""
        self.state.links[link].reset()

    def pass_through(self, link: str, slot: str) -> Status | None:
        """Pass a raw APDU to a card. Return the status that refuses it, `None` if the card answers."""
        state = self.state
        if self.held_by_other(link):
            return Status.READER_HELD
        if (state.ps if slot == "PS" else state.vitale) is None:
            return Status.PS_CARD_ABSENT if slot == "PS" else Status.VITALE_ABSENT
        self._note_command(state.links[link])
        if slot == "PS" and state.links[link].verified == 0:
            state.card_knows_code = False
        return None

    def held_by_other(self, name: str) -> bool:
        """Return whether another link keeps this one out."""
        now = self.state.now
        return any(
            other != name and (link.load is not None or link.verified) and now - link.last_ms <= HOLD_MS
            for other, link in self.state.links.items()
        )

    def _note_command(self, link: Link) -> None:
        if self.state.now - link.last_ms > IDLE_MS:
            link.forget_code()
        link.last_ms = self.state.now

    def expect(self, name: str, raw: bytes) -> Expected:
        """Return what must be answered to a command APDU on a link. Idleness has its effect first."""
        if self.held_by_other(name):
            return Expected((Status.READER_HELD,))
        link = self.state.links[name]
        try:
            apdu = CommandApdu.parse(raw)
        except CodecError:
            return Expected((Status.WRONG_LENGTH,))
        self._note_command(link)
        if apdu.cla != CLA:
            return Expected((Status.CLASS_NOT_SUPPORTED,))
        command = COMMANDS.get(apdu.ins)
        if command is None:
            return Expected((Status.INSTRUCTION_NOT_SUPPORTED,))
        if apdu.p1 or apdu.p2:
            return Expected((Status.WRONG_PARAMETERS,), command)
        if command.name not in rules.RULES and command not in (VERIFY_CODE, ACKNOWLEDGE_FSE):
            return Expected(command.statuses, command)
        try:
            request = command.request.parse(apdu.data)
        except CodecError:
            return Expected((Status.WRONG_DATA,), command)
        ask = Ask(self.state, link, request)
        return Expected(self._words(command, ask), command, ask)

    def _words(self, command: Command[Any, Any], ask: Ask) -> Sequence[int]:
        if command.needs is Authentication.PS_CODE:
            missing = next((status for status, question in rules.NEEDS_CODE if question(ask)), None)
            if missing is not None:
                return (missing,)
        if command is VERIFY_CODE:
            return self._code_words(ask)
        if command is ACKNOWLEDGE_FSE:
            return (self._acknowledge_word(ask),)
        refused = refusal(command.name, ask)
        if command is OPEN_LOAD and refused in (None, Status.NO_FREE_SLOT):
            doubtful = ask.request.total_bytes in _DOUBTFUL_BYTES
            return (_OK, Status.NO_FREE_SLOT) if doubtful else (refused or _OK,)
        return (refused or _OK,)

    def _acknowledge_word(self, ask: Ask) -> int:
        wanted = rules.wanted(ask)
        if not wanted:
            return Status.CONDITIONS_NOT_SATISFIED
        known = rules.known_of(ask)
        if not known:
            return _OK
        if acknowledgement_digest(self._fingerprint(key) for key in known) != ask.request.digest:
            return Status.DIGEST_MISMATCH
        if rules.foreign(ask):
            return Status.NOT_OWNER
        loaded = any(each.state.name == "LOADED" for each in known.values())
        return Status.INVOICE_STATE if loaded else _OK

    def _code_words(self, ask: Ask) -> Sequence[int]:
        refused = next((status for status, question in rules.CARD if question(ask)), None)
        if refused is not None:
            return (refused,)
        channel, insertion = ask.link.channel, self.state.ps_insertion
        ask.link.forget_code()
        if ask.request.entry == CodeEntry.KEYPAD:
            return ()
        if channel != insertion:
            return (Status.CONDITIONS_NOT_SATISFIED,)
        return (Status.WRONG_DATA,)

    def present_code(self, name: str, code: str | None) -> int:
        """Present a code to the card on a link, `None` if the person gave up. Return the status word."""
        state = self.state
        if code is None:
            return Status.EXCHANGE_ABANDONED
        if state.ps is None:
            return Status.PS_CARD_ABSENT
        tries = state.tries.get(state.ps.name, MAX_TRIES)
        if not tries:
            state.card_knows_code = False
            return Status.CODE_BLOCKED
        if code != CODE:
            state.tries[state.ps.name] = tries - 1
            state.card_knows_code = False
            return Status.CODE_WRONG | (tries - 1)
        state.tries[state.ps.name] = MAX_TRIES
        state.card_knows_code = True
        state.links[name].verified = state.ps_insertion
        return _OK

    def finish(self, expected: Expected, response: Any) -> None:
        """Apply the effect of a command that was answered 9000. `response` is its parsed answer."""
        command, ask = expected.command, expected.ask
        if command is None or ask is None:
            return
        if command is UNLOAD_FSE:
            self._note_given(ask, [each.status for each in response.documents])
        else:
            take_effect(command.name, ask)

    def unloads(self, ask: Ask) -> list[tuple[DocumentId, int]]:
        """Return the documents of an unloading with their words, in order, as if all of them fitted."""
        state = self.state
        if not ask.request.documents:
            return [
                (key, _OK)
                for key in sorted(state.documents)
                if state.documents[key].state in CERTIFIED
                and key not in ask.link.given
                and rules.takes(ask, key, state.documents[key])
            ]
        return [(key, self._unload_word(ask, key)) for key in ask.request.documents]

    def _unload_word(self, ask: Ask, key: DocumentId) -> int:
        document = self.state.documents.get(key)
        if document is None:
            return Status.UNKNOWN_INVOICE
        if document.state not in CERTIFIED:
            return Status.INVOICE_STATE
        return _OK if rules.takes(ask, key, document) else Status.NOT_OWNER

    def _note_given(self, ask: Ask, words: Sequence[int]) -> None:
        came = [key for (key, _), word in zip(self.unloads(ask), words, strict=False) if word == _OK]
        for key in came:
            ask.link.given[key] = self.state.documents[key].version
        ask.link.last_given = tuple(came)
