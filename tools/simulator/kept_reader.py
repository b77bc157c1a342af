"""A simulated reader as it stands in its state directory: board, cards in the slots, and the switch.

with KeptReader.open("maya's reader") as kept:
    kept.insert(Slot.VITALE, Path("vitale-martin-paul.card"))
    kept.power_on()
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.app.software.boot_area import SoftwareDamaged
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.store.sealing import RecordDamaged
from tla_sim.reader_fw.app.store.vault import VaultDamaged
from tla_sim.reader_fw.board.board import Board, assemble_board
from tla_sim.reader_fw.board.entropy import Entropy, SeededEntropy
from tla_sim.reader_fw.board.filesystem import FileSystemDamaged
from tla_sim.reader_fw.board.flash import DEFAULT_SIZE, NorFlash
from tla_sim.reader_fw.board.slots import Slot, SlotOccupied
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.simulator.state_directory import SLOT_WORDS, StateDamaged, StateDirectory

if TYPE_CHECKING:
    from tla_sim.reader_fw.cards.card import Card
    from tla_sim.reader_fw.cards.image import CardImage
    from tla_sim.tools.cards.file import Persist
    from tla_sim.tools.faults.striking import Strikes
    from tla_sim.tools.simulator.history.card_files import CardFiles
    from tla_sim.tools.simulator.history.recorded_reader import RecordedReader

_TRAY: Final = "cards"
WORD_OF: Final = {slot: word for word, slot in SLOT_WORDS.items()}


class CardFileUnreadable(TlaError):
    """The card file that was to go into a slot cannot be read."""

    category = Category.BAD_INPUT


class CardFileUnwritable(TlaError):
    """A card's counters cannot be written to its file: the card refuses the command that needed them."""

    category = Category.BAD_INPUT


class OtherSoftware(TlaError):
    """The reader has different software from the one requested."""

    category = Category.BAD_INPUT


class SystemEntropy:
    """The operating system's random bytes."""

    def take(self, count: int) -> bytes:
        """Return `count` fresh random bytes."""
        return os.urandom(count)


class KeptReader:
    """A reader, initially off, whose flash and slots outlive this program. `close` switches it off.

    `gone` holds the card files that were left in a slot but are no longer on disk: those slots are empty.
    `on_unwritable` is called when a card's file cannot be written, since the reader itself only reports a
    failed card. By default the error is kept until `check_cards` raises it.
    """

    def __init__(
        self,
        directory: StateDirectory,
        entropy: Entropy,
        clock_ms: int,
        profile: Profile | None = None,
        faults: Strikes | None = None,
        recorded: bool = False,
        seed: int | None = None,
    ) -> None:
        self.directory = directory
        self.entropy = entropy
        self.gone: dict[Slot, Path] = {}
        self.on_unwritable: Callable[[CardFileUnwritable], None] = self._remember
        self._unwritable: CardFileUnwritable | None = None
        board = assemble_board(clock_ms, entropy, directory.flash, directory.device_key)
        software = profile or TLA_1_40
        self.reader = _make_reader(board, software, faults, recorded, seed)
        self._kept = directory.slots
        self._inside: dict[Slot, Path] = {}
        self._files = self._follow_history() if recorded else None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        seed: int | None = None,
        flash_bytes: int = DEFAULT_SIZE,
        clock_ms: int | None = None,
        cards: Mapping[Slot, Path | None] | None = None,
        profile: Profile | None = None,
        faults: Strikes | None = None,
        recorded: bool = False,
        device_key: bytes | None = None,
    ) -> Self:
        """Open the reader of a state directory with the cards left in it; `cards` replaces some of them.

        A replacement (`None`: no card) lasts until the reader is closed. The clock starts at `clock_ms` (ms
        since 1970-01-01, local time), by default this machine's local time. With a seed, all random bytes
        follow from it and from the current flash contents. A new reader gets the software of `profile`, 1.40
        by default; an existing one with other software is refused. `faults` strike it. A `recorded` one is a
        RecordedReader. `device_key` is that of a new reader, random by default.

        Raises as `StateDirectory.open`; SoftwareDamaged and OtherSoftware when a profile is given;
        CardFileUnreadable, CardImageCorrupted or CardImageNewer for a card.
        """
        directory = StateDirectory.open(path, flash_bytes, device_key)
        try:
            entropy = _entropy(seed, directory.flash, recorded)
            now_ms = wall_clock_ms() if clock_ms is None else clock_ms
            kept = cls(directory, entropy, now_ms, profile, faults, recorded, seed)
            release = profile and kept.reader.profile.release
            if profile is not None and release != profile.release:
                raise OtherSoftware(
                    "The reader in {path} has {release} installed, not {wanted}",
                    "Name a new directory, or update its software",
                    path=path,
                    release=release,
                    wanted=profile.release,
                )
            kept._put_back(cards or {})
        except BaseException:
            directory.close()
            raise
        return kept

    @classmethod
    def look(cls, path: str | os.PathLike[str]) -> Self:
        """Open the reader of a state directory for inspection, without its cards: nothing it does is kept.

        Raises as `StateDirectory.look`.
        """
        return cls(StateDirectory.look(path), SystemEntropy(), wall_clock_ms())

    def power_on(self) -> None:
        """Switch the reader on.

        Raises StateDamaged when its flash holds nothing it can start from, and PowerCut.
        """
        try:
            self.reader.power_on()
        except (SoftwareDamaged, FileSystemDamaged, VaultDamaged, RecordDamaged) as damage:
            raise StateDamaged(
                "Reader {path} does not start: its flash is damaged ({reason})",
                "Restore the directory from a copy, or name a new one",
                path=self.directory.path,
                reason=damage.message,
            ) from None

    @property
    def cards(self) -> dict[Slot, Path]:
        """Return the card files in the slots."""
        return dict(self._inside)

    def insert(self, slot: Slot, path: Path, *, keep: bool = True) -> None:
        """Put a card in. It stays in when this program ends, unless `keep` is false.

        Raises SlotOccupied, CardFileUnreadable, CardImageCorrupted, CardImageNewer, StateUnreachable.
        """
        file = path.absolute()
        for other, there in self._inside.items():
            if other is not slot and there == file:
                raise SlotOccupied(
                    "{path} is in the {slot} slot", "Take it out there first", path=path, slot=other.value
                )
        if slot in self._inside:
            raise SlotOccupied(
                "There is already a card in the {slot} slot", "Take it out first", slot=slot.value
            )
        if self._files is None:
            self.reader.insert(slot, self._open_card(file))
        else:
            self.recorded.insert(slot, self._files.card(file), self._files.name(file))
        self._inside[slot] = file
        if keep:
            self._keep(slot, file)

    def check_cards(self) -> None:
        """Raise CardFileUnwritable if a card's file could not be written since the last call."""
        failed, self._unwritable = self._unwritable, None
        if failed is not None:
            raise failed

    def _remember(self, failed: CardFileUnwritable) -> None:
        self._unwritable = failed

    @property
    def recorded(self) -> RecordedReader:
        """The reader, which was opened as a recorded one."""
        from tla_sim.tools.simulator.history.recorded_reader import RecordedReader

        assert isinstance(self.reader, RecordedReader)
        return self.reader

    def _follow_history(self) -> CardFiles:
        """Have the slots and card files follow the reader to another moment."""
        from tla_sim.tools.simulator.history.card_files import CardFiles

        reader = self.recorded
        directory = self.directory
        files = CardFiles(
            reader,
            directory.path / _TRAY,
            directory.card_files,
            directory.keep_card_files,
            self._open_card,
            self._join_card,
        )

        def follow() -> None:
            self._inside = files.inside
            if self._inside != self._kept:
                directory.keep_slots(self._inside)
                self._kept = dict(self._inside)

        reader.kept = True
        reader.on_moved = follow
        return files

    def _open_card(self, file: Path) -> Card:
        return open_card_file(file, self.entropy, self._watch(file, self._torn))

    def _join_card(self, image: CardImage, file: Path) -> Card:
        from tla_sim.reader_fw.cards.card import Card
        from tla_sim.tools.cards.file import persist_to

        return Card(image, self.entropy, self._watch(file, self._torn)(persist_to(file)))

    @property
    def _torn(self) -> Callable[[Persist], Persist] | None:
        from tla_sim.tools.faults.reader import FaultyReader

        return self.reader.tear_writes if isinstance(self.reader, FaultyReader) else None

    def _watch(self, path: Path, torn: Callable[[Persist], Persist] | None) -> Callable[[Persist], Persist]:
        """Wrap a card's writes so that a failure is reported to `on_unwritable`, and to the card too."""

        def wrap(persist: Persist) -> Persist:
            inner = persist if torn is None else torn(persist)

            def save(image: bytes) -> None:
                try:
                    inner(image)
                except OSError as error:
                    reason = (error.strerror or str(error)).lower()
                    self.on_unwritable(
                        CardFileUnwritable(
                            "{path} cannot be written: {reason}",
                            "Check its disk, then run the same command again",
                            path=path,
                            reason=reason,
                        )
                    )
                    raise

            return save

        return wrap

    def remove(self, slot: Slot) -> Path | None:
        """Take the card out for good. Return the file it came from, `None` for an empty slot."""
        self.reader.remove(slot)
        path = self._inside.pop(slot, None)
        self._keep(slot, None)
        return path

    def replace(self, slot: Slot, path: Path) -> None:
        """Put a card in, replacing the current one if there is one. Raises as `insert`."""
        if self._inside.get(slot) != path.absolute():
            self.remove(slot)
            self.insert(slot, path)

    def close(self) -> None:
        """Switch the reader off and release its directory."""
        try:
            self.reader.power_off()
        finally:
            self.directory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put_back(self, instead: Mapping[Slot, Path | None]) -> None:
        for slot in Slot:
            path = instead[slot] if slot in instead else self._kept.get(slot)
            if path is None:
                continue
            if slot not in instead and _is_gone(path):
                self.gone[slot] = path
                continue
            self.insert(slot, path, keep=False)

    def _keep(self, slot: Slot, path: Path | None) -> None:
        kept = {other: file for other, file in self._kept.items() if other is not slot}
        if path is not None:
            kept[slot] = path
        if kept != self._kept:
            self.directory.keep_slots(kept)
            self._kept = kept


def _is_gone(path: Path) -> bool:
    """Return whether the file no longer exists; a file that cannot be examined counts as existing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def open_card_file(path: Path, entropy: Entropy, torn: Callable[[Persist], Persist] | None = None) -> Card:
    """Open the card in a file. `torn` wraps its writes where faults may strike around them.

    Raises CardFileUnreadable, CardImageCorrupted, CardImageNewer.
    """
    from tla_sim.tools.cards.file import open_card

    try:
        return open_card(path, entropy) if torn is None else open_card(path, entropy, torn)
    except (OSError, ValueError) as error:
        if isinstance(error, TlaError):
            raise
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise CardFileUnreadable(
            "{path}: {reason}", "Name a .card file that tla issued", path=path, reason=reason
        ) from None


def wall_clock_ms() -> int:
    """Return this machine's local time as a reader counts it: ms since 1970-01-01 00:00, no zone."""
    local = datetime.now().replace(tzinfo=UTC)
    return int(local.timestamp() * 1000)


def seeded_entropy(seed: int, flash: NorFlash) -> SeededEntropy:
    """Return a random source that depends on a seed and on the contents of a flash.

    Nonces must never repeat. The flash contents are part of the seed because two different records are never
    sealed on the same image: reopening a reader with the same seed cannot reuse a nonce for other data.
    """
    digest = hashlib.sha256(flash.read(0, flash.size))
    digest.update(repr(seed).encode())
    return SeededEntropy(int.from_bytes(digest.digest(), "big"))


def _entropy(seed: int | None, flash: NorFlash, recorded: bool) -> Entropy:
    if seed is not None:
        return seeded_entropy(seed, flash)
    # A recorded reader must draw the same bytes again, from a seed that nobody can guess.
    return SeededEntropy(int.from_bytes(os.urandom(32), "big")) if recorded else SystemEntropy()


def _make_reader(
    board: Board, software: Profile, faults: Strikes | None, recorded: bool, seed: int | None
) -> Reader:
    if recorded:
        from tla_sim.tools.faults.plan import FaultPlan
        from tla_sim.tools.faults.striking import Strikes
        from tla_sim.tools.simulator.history.recorded_reader import RecordedReader

        return RecordedReader(board, faults or Strikes(FaultPlan()), software, seed)
    if faults is None:
        return Reader(board, software)
    from tla_sim.tools.faults.reader import FaultyReader

    return FaultyReader(board, faults, software)
