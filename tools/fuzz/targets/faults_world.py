"""A reader of any version under faults, judged by the rules of `tla_sim.tools.judge` for every reader."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.certifying import CERTIFY, SIGN_FINAL, SIGN_LOT
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.identity import SET_CLOCK, Moment
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, ERASE, UNLOAD_FSE, EraseRequest
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.errors import CodecError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.software.boot_area import boot_sectors
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.reader_fw.app.store.vault import VAULT_SECTORS
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import PAGE_SIZE, SECTOR_SIZE, NorFlash
from tla_sim.reader_fw.board.keypad import Key as KeypadKey
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.reader import ReaderOff
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.fuzz.players import NUMBERS, OWNERS, cards, invoices
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.played_reader import LINKS, LONGEST_MS, PlayedReader, document_name, name_of
from tla_sim.tools.fuzz.targets.sequences import load_apdus, request_apdu
from tla_sim.tools.fuzz.targets.started import started_image
from tla_sim.tools.judge.answers import check_data, check_form, check_refusal, check_status, check_version
from tla_sim.tools.judge.board import (
    Allowed,
    Documents,
    allow_command,
    allow_keys,
    allow_nothing,
    check_change,
)
from tla_sim.tools.judge.signatures import GivenOut, check_counter_grows
from tla_sim.tools.judge.violation import Violation

SIZES: Final = (128, 128, 24, 20)
"""Sizes of flash in sectors: with a boot area, or so small that it is soon full."""

_ROOM: Final = {"1.40": (2, 10), "1.40-single": (1, 10), "1.31": (1, 6)}
VERSIONS: Final = {
    profile.name: replace(profile, max_owners=owners, max_documents=documents)
    for profile in PROFILES
    for owners, documents in [_ROOM.get(profile.name, (profile.max_owners, profile.max_documents))]
}
"""The published versions, most with little room, so that they are often full."""

_DOUBTFUL: Final = ("flash.rot", "flash.worn", "flash.full")
"""Faults after which a reader may refuse to start, and say why."""

_STARTS: Final = 8
_KEEPS: Final = 5
"""After one round out of this many, nothing is erased."""

_PAGES: Final = 4
_BYTES: Final = 8


class Unusable(Exception):
    """The flash is so damaged that the reader reports that it cannot start."""


class FaultyWorld(PlayedReader):
    """A reader of a version on a flash of some size, under a fault plan. `judging` turns the oracles on."""

    reader: FaultyReader

    def __init__(
        self, notes: Notes, plan: FaultPlan, version: str, sectors: int, *, judging: bool = True
    ) -> None:
        flash = NorFlash(bytearray(started_image(VERSIONS[version], sectors)))
        board = assemble_board(MORNING, SeededEntropy(7), flash)
        self.strikes = Strikes(plan)
        super().__init__(notes, FaultyReader(board, self.strikes, VERSIONS[version]), judging=judging)
        self._counter = 0
        self._rotten = False
        self._documents: Documents = {}
        self.given_out = GivenOut(self._highest)
        self._start()
        self._asked = self.reader.app
        self.plug()

    @property
    def longest_ms(self) -> int:
        """The longest time of an answer, including what slow cards took."""
        slow = sum(int(fault.value) for fault in self.strikes.struck if fault.kind.what == "slow")
        return LONGEST_MS + slow

    @property
    def doubtful(self) -> bool:
        """Whether a fault struck that may destroy what is on the flash."""
        return self._rotten or any(fault.name in _DOUBTFUL for fault in self.strikes.struck)

    def unanswered(self, raw: bytes) -> Exception:
        """Return ReaderOff if the reader lost its power meanwhile, otherwise a violation."""
        lost = not self.reader.on or self.reader.app is not self._asked
        return ReaderOff() if lost else super().unanswered(raw)

    def close(self) -> None:
        """Judge the end, and switch off."""
        try:
            if self.reader.on:
                self._see_documents(Sentence("the end"), allow_nothing)
        finally:
            self.reader.power_off()

    def _start(self) -> None:
        """Switch on until the reader stays on. Raises Unusable if it reports that the flash is unusable."""
        for _ in range(_STARTS):
            try:
                self.reader.power_on()
            except TlaError as error:
                if not self.doubtful:
                    raise Violation("recovery", "the reader does not start after a cut", error) from None
                raise Unusable from None
            if self.reader.on:
                return
        raise Unusable

    def _recover(self, after: str, allowed: Allowed) -> None:
        """Restore power: on board is what was there before the command, or what it leaves when done."""
        if not self.reader.on:
            self._start()
        self.given = {link: [] for link in LINKS}
        self._see_documents(after, allowed)

    def _see_documents(self, after: str, allowed: Allowed) -> None:
        """Check that documents on board changed only as `allowed` says."""
        store = self.reader.app.store
        now = {entry.key: entry for entry in store.entries()}
        before, self._documents = self._documents, now
        if not self.judging:
            return
        check_counter_grows(store.counter, max(self._counter, self.reader.used_counter))
        self._counter = store.counter
        if self.doubtful:
            return
        check_change(before, now, after, allowed)

    def insert(self, slot: str, name: str) -> None:
        """Insert a card; the one before comes out."""
        super().insert(slot, name)
        self._after_power()

    def make_card(self, name: str) -> Card:
        """Return a freshly issued card, around whose writes the power may fail."""
        return Card(cards()[name][0], self.entropy, self.reader.tear_writes())

    def remove(self, slot: str) -> bool:
        """Take the card out. Return whether there was one."""
        there = super().remove(slot)
        self._after_power()
        return there

    def tick(self, ms: int) -> None:
        """Let time pass."""
        super().tick(ms)
        self._after_power()

    def power_cycle(self) -> None:
        """Switch off and on."""
        self.reader.power_off()
        self._recover(Sentence("a power cycle"), allow_nothing)

    def live_on(self, rounds: int) -> None:
        """Play short rounds of one owner, most of them erased at the end, until the flash is well used."""
        owner = OWNERS[rounds % len(OWNERS)]
        for number in range(rounds):
            contents = invoices()[owner][: 1 + number % NUMBERS]
            for raw in load_apdus(owner, contents):
                self.command("a", raw)
            self.command("a", request_apdu(SET_CLOCK, Moment(MORNING + number)))
            if number % _KEEPS:
                self.command("a", request_apdu(ERASE, EraseRequest(owner)))

    def wear_out(self, what: str) -> None:
        """Wear out all sectors of a part of the flash: "vault" (the key store), "files", or else the rest."""
        flash = self.reader.board.flash
        files = flash.sectors - boot_sectors(flash) - VAULT_SECTORS
        parts = {"files": (0, files), "vault": (files, files + VAULT_SECTORS)}
        self._rotten = True
        self.reader.flash_faults.wear_out(*range(*parts.get(what, (files + VAULT_SECTORS, flash.sectors))))

    def rot(self, number: int) -> None:
        """Let bytes rot in a few written pages of the file system; the number chooses where.

        Several bits of each page: more than the firmware corrects.
        """
        flash = self.reader.board.flash
        size = (flash.sectors - boot_sectors(flash) - VAULT_SECTORS) * SECTOR_SIZE
        written = [at for at in range(0, size, PAGE_SIZE) if not flash.is_blank(at, at + PAGE_SIZE)]
        self._rotten = True
        first, byte = divmod(number, PAGE_SIZE)
        for page in range(_PAGES):
            at = written[(first + page) % len(written)] + min(byte, PAGE_SIZE - _BYTES)
            flash.poke(at, bytes(each ^ 0x55 for each in flash.read(at, _BYTES)))

    def _after_power(self) -> None:
        if not self.reader.on:
            self._recover(Sentence("a loss of power"), allow_nothing)

    def command(self, link: str, raw: bytes, keys: str = "", code: str | None = None) -> bytes:  # noqa: ARG002
        """Send a command to Log_SV and judge its answer; empty if the power fails first."""
        name = name_of(raw)
        self._asked = self.reader.app
        try:
            response = self.exchange(link, raw, keys=keys)
        except ReaderOff:
            self.notes.units += 1
            self._recover(name, self._allowed(link, name, raw))
            return b""
        restarted = not self.reader.on
        if self.judging:
            self._judge(link, name, raw, response)
        else:
            self.notes.units += 1
        word = int.from_bytes(response[-2:], "big")
        if restarted:
            self._recover(name, self._allowed(link, name, raw))
        elif word != Status.OK:
            self._see_documents(Sentence("a refused {command}", command=name), allow_nothing)
        elif name in _CHANGING:
            self._see_documents(name, self._allowed(link, name, raw))
        return response

    def _allowed(self, link: str, name: str, raw: bytes) -> Allowed:
        return allow_command(
            name, self._acknowledged(link, raw) if name == ACKNOWLEDGE_FSE.name else frozenset()
        )

    def _acknowledged(self, link: str, raw: bytes) -> frozenset[DocumentId]:
        """Return the documents that an acknowledgement names, or else those given last."""
        try:
            named = ACKNOWLEDGE_FSE.request.parse(CommandApdu.parse(raw).data).documents
        except CodecError:
            return frozenset()
        names = named or [document_name(content) for content in self.given[link]]
        return frozenset(names)

    def _judge(self, link: str, name: str, raw: bytes, response: bytes) -> None:
        answer = check_form(name, response)
        self.saw(name, answer)
        command = COMMANDS.get(raw[1]) if name != "no command" else None
        status = check_status(name, command, answer)
        if command is None:
            return
        if self.reader.on:
            check_version(self.reader.profile, command, status)
        check_refusal(name, answer)
        if status is not Status.OK:
            return
        typed = check_data(command, answer)
        if command is UNLOAD_FSE:
            self.given[link] = [each.content for each in typed.documents if each.status == Status.OK]
            for content in self.given[link]:
                self.given_out.fse(content)
        elif command is CERTIFY:
            self.given_out.fse(typed.content)
            self.certified.append(typed.content)
        elif command in (SIGN_FINAL, SIGN_LOT):
            for each in typed.blocks:
                if each.status == Status.OK:
                    self.given_out.block(each.block)

    def _highest(self) -> int:
        return max(self.reader.used_counter, self.reader.app.store.counter if self.reader.on else 0)

    def to_card(self, link: str, slot: str, raw: bytes) -> None:
        """Send a raw APDU to the card in a slot; faults may change the answer."""
        self._asked = self.reader.app
        try:
            response = self.exchange(link, raw, Lad[slot])
        except ReaderOff:
            self._recover(Sentence("a card's command"), allow_nothing)
            return
        word = int.from_bytes(response[-2:], "big")
        self.notes.saw(f"card in {slot}", f"{word:04X}" if response else "silence")
        self._after_power()

    def visit(self, keys: str) -> None:
        """Unplug the cables, press keys, and plug them in again; judge the documents after each key."""
        self.reader.unplug()
        for key in keys.split():
            self.reader.press(KeypadKey(key))
            if self.reader.on:
                self._see_documents(Sentence("a key"), allow_keys)
            else:
                self._recover(Sentence("a key"), allow_keys)
        self.plug()
        self.given = {link: [] for link in LINKS}


_CHANGING: Final = tuple(command.name for command in COMMANDS if command.changes)
