"""A reader in virtual time beside the reference model, and the oracles that compare the two."""

from __future__ import annotations

import gc
from dataclasses import replace
from sys import getsizeof
from typing import Any, Final

from tla_sim.protocol.commands.cards import VERIFY_CODE
from tla_sim.protocol.commands.certifying import CERTIFY, SIGN_FINAL, SIGN_LOT
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.loading import LIST_INVOICES
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import UNLOAD_FSE
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import fingerprint
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.reader_fw.board.flash import FlashOperation, NorFlash
from tla_sim.reader_fw.board.keypad import Key as KeypadKey
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import ReaderPort
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz.images import PROFILE
from tla_sim.tools.fuzz.model.model import Expected, Model
from tla_sim.tools.fuzz.players import cards
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.played_reader import LINKS, PlayedReader, name_of
from tla_sim.tools.fuzz.targets.started import started_reader
from tla_sim.tools.judge.answers import (
    check_data,
    check_each_signed,
    check_form,
    check_refusal,
    check_request,
    check_status,
)
from tla_sim.tools.judge.board import CERTIFIED, Documents, allow_keys, check_change
from tla_sim.tools.judge.signatures import GivenOut, check_counter_grows, check_verifies
from tla_sim.tools.judge.violation import Violation

LARGEST_READER: Final = 4_000_000
"""The most bytes of live objects that a reader of this size may hold."""

_CHANGING: Final = {command.name for command in COMMANDS if command.changes}


class _Operations:
    """Counts the operations of the flash."""

    def __init__(self) -> None:
        self.count = 0

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002 - the protocol's
        """Count an operation; called by the flash."""
        self.count += 1


class World(PlayedReader):
    """One reader with two hosts on cables, its cards and its model. `judging` turns the oracles on."""

    def __init__(self, notes: Notes, *, judging: bool = True) -> None:
        super().__init__(notes, started_reader(), judging=judging)
        self.operations = _Operations()
        self.reader.board.flash.hooks.append(self.operations)
        self.reader.power_on()
        self.model = Model(PROFILE.max_owners, PROFILE.max_documents, self._fingerprint)
        self.given_out = GivenOut(lambda: self.reader.app.store.counter)
        self._counter = self.reader.app.store.counter
        self.plug()

    def plug(self) -> None:
        """Plug in both cables."""
        super().plug()
        for link in LINKS:
            self.model.attach(link)

    def close(self) -> None:
        """Judge the end, and switch off."""
        try:
            if self.judging:
                self.compare_documents(Sentence("the end"))
        finally:
            self.reader.power_off()

    def judge_memory(self) -> None:
        """Raise Violation if the reader holds more objects than it may."""
        size = live_size(self.reader, LARGEST_READER)
        if size > LARGEST_READER:
            raise Violation("memory", "the reader grows without bound", "{size:,} bytes", size=size)

    def insert(self, slot: str, name: str) -> None:
        """Insert a card; the one before comes out."""
        super().insert(slot, name)
        self.model.insert(slot, cards()[name][1])

    def remove(self, slot: str) -> bool:
        """Take the card out. Return whether there was one."""
        there = super().remove(slot)
        if there:
            self.model.remove(slot)
        return there

    def tick(self, ms: int) -> None:
        """Let time pass."""
        super().tick(ms)
        self.model.state.now = self.clock.now_ms

    def power_cycle(self) -> None:
        """Switch off and on, and compare the documents."""
        self.reader.power_off()
        self.reader.power_on()
        self.model.power_cycle()
        if self.judging:
            self.compare_documents(Sentence("a power cycle"))

    def reset(self, link: str) -> None:
        """Begin a new session on the link."""
        super().reset(link)
        self.model.reset(link)

    def open_case(self) -> None:
        """Open the reader's case."""
        super().open_case()
        self.model.state.tampered = True

    def command(self, link: str, raw: bytes, keys: str = "", code: str | None = None) -> bytes:
        """Send a command to Log_SV, and judge its answer by the model."""
        if not self.judging:
            self.notes.units += 1
            return self.exchange(link, raw, keys=keys)
        state, port = self.model.state, self.ports[link]
        state.now = self.clock.now_ms
        channel = state.links[link].channel
        before = self.operations.count
        expected = self.model.expect(link, raw)
        response = self.exchange(link, raw, keys=keys)
        words = expected.words
        command = expected.command
        typed = expected.ask is not None and command is VERIFY_CODE
        if typed and not words:
            words = (self.model.present_code(link, _entered_code(keys)),)
        elif typed and code is not None and words == (Status.WRONG_DATA,) and channel == state.ps_insertion:
            words = (self.model.present_code(link, code),)
        state.now = self.clock.now_ms
        self._judge(link, raw, response, words, expected)
        word = int.from_bytes(response[-2:], "big")
        changed = self.operations.count != before
        if changed and word != Status.OK:
            self.compare_documents(Sentence("a refused {command}", command=name_of(raw)))
        elif word == Status.OK and command is not None and command.name in _CHANGING:
            self.compare_documents(command.name)
        self._compare_session(link, port, name_of(raw))
        return response

    def _judge(
        self, link: str, raw: bytes, response: bytes, words: tuple[int, ...], expected: Expected
    ) -> None:
        name, command = name_of(raw), expected.command
        answer = check_form(name, response)
        self.saw(name, answer)
        status = check_status(name, command, answer)
        if expected.ask is not None and command is not None:
            check_request(command, expected.ask.request, raw)
        if answer.word not in words:
            raise Violation(
                "model",
                "{command} answers {answer}, the rules say {allowed}",
                command=name,
                answer=_status_name(answer.word),
                allowed=Joined(" or ", map(_status_name, words)),
            )
        check_refusal(name, answer)
        if status is not Status.OK:
            return
        assert command is not None
        typed = check_data(command, answer)
        if command is UNLOAD_FSE:
            self._judge_unload(link, expected, typed)
        self.model.finish(expected, typed)
        self._judge_answer(expected, typed)

    def _judge_unload(self, link: str, expected: Expected, typed: Any) -> None:
        assert expected.ask is not None
        due = [word for _, word in self.model.unloads(expected.ask)]
        came = [each.status for each in typed.documents]
        if came != due[: len(came)] or (due and not came):
            raise Violation(
                "model",
                "unload_fse gives other documents than the rules say",
                "{came} for {due}",
                came=came,
                due=due,
            )
        contents = [each.content for each in typed.documents if each.status == Status.OK]
        self.given[link] = contents
        for content in contents:
            self.given_out.fse(content)

    def _judge_answer(self, expected: Expected, typed: Any) -> None:
        command, ask, state = expected.command, expected.ask, self.model.state
        assert ask is not None
        if command is CERTIFY:
            verified = self.given_out.fse(typed.content)
            known = state.documents[verified.id]
            if verified.state is not known.state:
                raise Violation(
                    "life",
                    "certify makes it {found}, the rules {wanted}",
                    found=verified.state.name,
                    wanted=known.state.name,
                )
            self.certified.append(typed.content)
        elif command is LIST_INVOICES:
            owner = ask.request.owner
            total = sum(not owner or key.owner == owner for key in state.documents)
            if typed.total != total:
                raise Violation(
                    "model",
                    "list_invoices lists another number",
                    "{listed} for {total}",
                    listed=typed.total,
                    total=total,
                )
        elif command in (SIGN_FINAL, SIGN_LOT):
            self._judge_signatures(ask.request, typed.blocks)

    def _judge_signatures(self, request: Any, blocks: Any) -> None:
        contents = request.documents if hasattr(request, "documents") else request.lots
        check_each_signed(contents, blocks)
        for content, each in zip(contents, blocks, strict=True):
            if each.status != Status.OK:
                continue
            block = self.given_out.block(each.block)
            if hasattr(request, "documents"):
                final = check_verifies(Fse.parse(content).with_blocks(block).build())
                ps = self.model.state.ps
                if final.state is not InvoiceState.FINAL or ps is None or final.id.owner not in ps.owns:
                    raise Violation("life", "a final signature by another than the owner, or too early")

    def compare_documents(self, after: str) -> None:
        """Check that the documents on board are the model's, in its states, and that the counter grew."""
        store, documents = self.reader.app.store, self.model.state.documents
        entries = store.entries()
        found: dict[DocumentId, InvoiceState] = {entry.key: entry.state for entry in entries}
        wanted = {key: document.state for key, document in documents.items()}
        if found != wanted:
            keys = sorted({*found, *wanted})
            odd = next(key for key in keys if found.get(key) != wanted.get(key))
            states = [
                known.name if known else Sentence("absent") for known in (found.get(odd), wanted.get(odd))
            ]
            raise Violation(
                "life",
                "after {command} a document is {found}, the rules say {wanted}",
                command=after,
                found=states[0],
                wanted=states[1],
            )
        check_counter_grows(store.counter, self._counter)
        self._counter = store.counter
        staged = {name: len(owner.staged) for name, owner in self.model.state.owners.items() if owner.staged}
        if sum(staged.values()) + len(documents) > PROFILE.max_documents:
            raise Violation("memory", "more documents on board than the profile allows")

    def _compare_session(self, link: str, port: ReaderPort, name: str) -> None:
        known, session = self.model.state.links[link], port.session
        opened = (
            None if session.load is None else (session.load.owner, session.load.load_id, session.load.count)
        )
        if session.verified_insertion != known.verified:
            raise Violation(
                "session", "after {command} the link's authentication is not as the rules say", command=name
            )
        if opened != known.load:
            raise Violation(
                "session", "after {command} the link's open load is not as the rules say", command=name
            )
        if len(session.given) != len(known.given):
            raise Violation(
                "session", "after {command} the documents given are not as the rules say", command=name
            )

    def to_card(self, link: str, slot: str, raw: bytes) -> None:
        """Send a raw APDU to the card in a slot."""
        self.model.state.now = self.clock.now_ms
        refused = self.model.pass_through(link, slot)
        response = self.exchange(link, raw, Lad[slot])
        word = int.from_bytes(response[-2:], "big")
        self.notes.saw(f"card in {slot}", f"{word:04X}")
        self.model.state.now = self.clock.now_ms
        if self.judging and (len(response) < 2 or (refused is not None and word != refused)):
            raise Violation(
                "model", "a card command is answered {word:04X}, not {refused}", word=word, refused=refused
            )

    def visit(self, keys: str) -> None:
        """Unplug the cables, press keys, and plug them in again: what was certified must follow the rules."""
        before = {entry.key: entry for entry in self.reader.app.store.entries()}
        self.reader.unplug()
        for key in keys.split():
            self.reader.press(KeypadKey(key))
        state = self.model.state
        state.now = self.clock.now_ms
        state.links.clear()
        self.plug()
        self.given = {link: [] for link in LINKS}
        if self.judging:
            self._see_visit(before, keys)

    def _see_visit(self, before: Documents, keys: str) -> None:
        state, typed = self.model.state, "".join(key for key in keys.split() if key.isdigit())
        card = self.reader.board.slots.card(Slot.PS)
        if state.ps is not None and card is not None and state.ps.owns + state.ps.signs:
            word = int.from_bytes(card.transmit(bytes.fromhex("00200001"))[-2:], "big")
            if word & 0xFFF0 == Status.CODE_WRONG or word == Status.CODE_BLOCKED:
                state.tries[state.ps.name] = word & 0xF if word != Status.CODE_BLOCKED else 0
        state.card_knows_code = False
        after = {entry.key: entry for entry in self.reader.app.store.entries()}
        check_change(before, after, Sentence("a visit"), allow_keys)
        for key, entry in after.items():
            if entry == before[key]:
                continue
            now = entry.state
            if now in CERTIFIED and (CODE not in typed or state.ps is None):
                raise Violation("life", "certified on a visit without the code porteur")
            self._certified_on_visit(key, now)

    def _certified_on_visit(self, key: DocumentId, now: InvoiceState) -> None:
        state = self.model.state
        signer = state.ps.name if state.ps is not None and now in CERTIFIED else ""
        known = state.documents[key]
        state.documents[key] = replace(known, state=now, signer=signer, version=state.fresh_version())
        if now in CERTIFIED and known.mode.name == "SECURED":
            if state.vitale is None or state.ps is None:
                raise Violation("life", "certified on a visit without both cards")
            state.owners[key.owner].note_met(state.vitale.name, state.ps.name)

    def _fingerprint(self, key: DocumentId) -> bytes:
        entry = self.reader.app.store.entry(key)
        return b"" if entry is None else fingerprint(entry.digest)


def _entered_code(keys: str) -> str | None:
    """Return the code that these keys enter, by the keypad's rules; `None` if they give up."""
    digits = ""
    for key in keys.split():
        if key.isdigit():
            digits = digits + key if len(digits) < 8 else digits
        elif key == "COR":
            digits = digits[:-1]
        elif key == "ANN":
            return None
        elif key == "VAL" and len(digits) >= 4:
            return digits
    return None


def _status_name(word: int) -> str:
    status = Status.of(word)
    if status is None:
        return f"{word:04X}"
    return f"{status.name} {word & 0xF}" if status is Status.CODE_WRONG else status.name


def live_size(root: object, limit: int, beside: tuple[object, ...] = ()) -> int:
    """Return the bytes of what `root` keeps alive, without classes, the flash and `beside`.

    Counting stops above `limit`.
    """
    seen = {id(each) for each in beside}
    size, waiting = 0, [root]
    while waiting and size <= limit:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type) or type(thing).__name__ in _SHARED:
            continue
        seen.add(id(thing))
        size += getsizeof(thing)
        waiting += gc.get_referents(thing)
    return size


_SHARED: Final = ("module", "function", "builtin_function_or_method", "memoryview", "TrustAnchors")
