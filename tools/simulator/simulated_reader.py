"""The simulated reader as tests use it: one class, wherever the reader runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from tla_sim.host.client import ReaderClient
from tla_sim.host.practice.model import Practice
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import CODE, MORNING
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.body import Body
from tla_sim.tools.simulator.control.opening import check_time, plan_of
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.controlled_body import ControlledBody
from tla_sim.tools.simulator.passing_folder import PassingFolder
from tla_sim.tools.simulator.rewindable_reader import RewindableReader
from tla_sim.tools.simulator.served_reader import ServedReader

if TYPE_CHECKING:
    from tla_sim.tools.simulator.reader_trace import ReaderTrace

_TRAY: Final = "cards"
_DEFAULT_LINK: Final = "memory"
_SNAPSHOTS: Final = "snapshots"


class ReaderClosed(TlaError, RuntimeError):
    """The simulated reader was closed."""

    category = Category.BAD_INPUT


class SimulatedReader(RewindableReader):
    """A simulated reader, switched on, with the cards of a practice at hand.

    Create one with `in_memory`, `open` or `served`; `with` switches it off at the end. The first two run in
    this process and in virtual time, which passes while the reader works and in `advance`. The third runs in
    a separate process and in real time, for software that opens a real port. All three have the same methods.

    `practice` is the practice whose people and cards are available, `code` the code porteur of all its cards.

        >>> import tla_sim
        >>> with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        ...     reader.insert_ps("PIQURE2969")
        ...     client = reader.client("serial")
        ...     card = client.verify_code(reader.code)
        ...     print(client.identify().major, card.verified)
        1 True
    """

    code: Final = CODE

    def __init__(self, body: Body, practice: Practice, on_close: Callable[[], None] | None = None) -> None:
        self.practice = practice
        self._trace: ReaderTrace | None = None
        self._open: Body | None = body
        self._on_close = on_close

    @classmethod
    def in_memory(
        cls,
        practice: Practice | None = None,
        *,
        seed: int = 1,
        faults: FaultPlan | str = "",
        profile: str = TLA_1_40.name,
        moment: int = MORNING,
        trace: str | os.PathLike[str] | None = None,
        levels: Iterable[str] = (),
    ) -> Self:
        """Create a reader that leaves nothing on disk. The same seed gives the same bytes every time.

        `practice` defaults to the shipped one. `faults` is a plan as for `tla sim --faults`, `profile` a
        version listed by `tla profiles`. `moment` is the initial time of the reader's clock, in ms since
        1970-01-01 00:00 local time. `trace` is a file for all that its links and slots exchange, as
        `tla --trace` writes it, and `levels` are what it shows of t1, ccid and vpcd.

        Raises PlanMalformed, HostFault, BadTime, UnknownProfile, CardNotIssued, and UnknownLevel, ForeignFile
        or OSError for the trace.
        """
        people = practice or demo_practice()
        control = ReaderControl.in_memory(people, seed=seed, profile=profile, moment=moment, faults=faults)
        return cls._traced(control, people, trace, levels)

    @classmethod
    def open(
        cls,
        directory: str | os.PathLike[str],
        practice: Practice | None = None,
        *,
        seed: int | None = None,
        faults: FaultPlan | str = "",
        profile: str = "",
        moment: int | None = None,
        trace: str | os.PathLike[str] | None = None,
        levels: Iterable[str] = (),
    ) -> Self:
        """Open the reader of a state directory, created on first use; flash and slots outlive this program.

        A card inserted by name has its file in the subdirectory `cards`. Without a seed, random bytes come
        from the system; without a moment, the clock shows this machine's local time. A `profile` is the
        software of a new reader; an existing one must have it. Raises as `KeptReader.open` and `in_memory`.
        """
        people = practice or demo_practice()
        control = ReaderControl.on_directory(
            directory, people, seed=seed, profile=profile, moment=moment, faults=faults
        )
        return cls._traced(control, people, trace, levels)

    @classmethod
    def served(
        cls,
        *links: str,
        directory: str | os.PathLike[str] | None = None,
        practice: Practice | None = None,
        seed: int | None = None,
        faults: FaultPlan | str = "",
        profile: str = "",
        trace: str | os.PathLike[str] | None = None,
        levels: Iterable[str] = (),
    ) -> Self:
        """Serve a reader on links, written as for `tla sim --link`; `tcp:0` by default.

        Its state is kept in `directory`, or in a temporary one that is removed at the end; `trace` and
        `levels` as for `in_memory`. Raises NotServed with the output of `tla sim`.
        """
        people = practice or demo_practice()
        plan = plan_of(faults)
        passing = None if directory is not None else PassingFolder("tla-served-")
        home = Path(directory or "") if passing is None else passing.path
        options: Mapping[str, object] = {
            "--seed": seed,
            "--faults": str(plan) if plan.faults else None,
            "--profile": profile or None,
            "--trace": None if trace is None else os.fspath(trace),
        }
        below = tuple(levels) if trace is not None else ()
        arguments = ["--state", str(home)]
        arguments += [part for link in links or ("tcp:0",) for part in ("--link", link)]
        arguments += [part for level in below for part in ("--level", level)]
        arguments += [
            part for name, value in options.items() if value is not None for part in (name, str(value))
        ]
        try:
            body = ServedReader(arguments, CardTray(people, home / _TRAY), home / _SNAPSHOTS)
        except BaseException:
            if passing is not None:
                passing.close()
            raise
        return cls(body, people, None if passing is None else passing.close)

    @classmethod
    def _traced(
        cls,
        control: ReaderControl,
        people: Practice,
        path: str | os.PathLike[str] | None,
        levels: Iterable[str],
    ) -> Self:
        """Return a reader of this process, whose trace has begun if one is wanted."""
        if path is None:
            return cls(ControlledBody(control), people)
        from tla_sim.tools.simulator.reader_trace import ReaderTrace

        try:
            trace = ReaderTrace(control.reader, path, levels=levels)
        except BaseException:
            control.close()
            raise
        made = cls(ControlledBody(control), people, trace.close)
        made._trace = trace
        return made

    @property
    def _body(self) -> Body:
        if self._open is None:
            raise ReaderClosed("The reader was closed", "Make or open another one")
        return self._open

    @property
    def reader(self) -> Reader:
        """The reader object itself, for inspection. Raises ElsewhereOnly for a served reader."""
        return self.control.reader

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs on which software reaches a served reader, in the order of its links; otherwise empty."""
        return self._body.urls

    def transport(self, link: str = "", *, baud: int | None = 9600) -> Transport:
        """Return a transport on a new cable.

        In this process `memory` (the default) uses plain calls, `serial` T=1 at `baud` (bit/s; `None`: no
        delay), `ccid` and `vpcd` the slots as over PC/SC. For a served reader, `link` is one of the links
        passed to `served`, by default the first. Raises UnknownLink, LinkError.
        """
        transport = self._body.transport(link, baud)
        if self._trace is not None:
            self._trace.listen(transport, link or _DEFAULT_LINK)
        return transport

    def client(self, link: str = "", *, baud: int | None = 9600) -> ReaderClient:
        """Return the typed client on a new cable. Raises as `transport`."""
        return ReaderClient(self.transport(link, baud=baud), self._body.random)

    def insert_ps(self, card: str | Path) -> None:
        """Insert a PS card, by its holder's last name or as a card file, replacing the current one.

        Raises UnknownCard, CardFileUnreadable.
        """
        self._insert(Slot.PS, card)

    def insert_vitale(self, card: str | Path) -> None:
        """Insert a Vitale, by the last name of a beneficiary or as a card file, replacing the current one.

        Raises UnknownCard, CardFileUnreadable.
        """
        self._insert(Slot.VITALE, card)

    def remove_ps(self) -> None:
        """Remove the card from the PS slot; an empty slot stays empty."""
        self._body.remove(Slot.PS)

    def remove_vitale(self) -> None:
        """Remove the card from the Vitale slot; an empty slot stays empty."""
        self._body.remove(Slot.VITALE)

    def remove_cards(self) -> None:
        """Remove the cards from both slots; an empty slot stays empty."""
        for slot in Slot:
            self._body.remove(slot)

    def press(self, *keys: str) -> None:
        """Press keys by their legends (`0` to `9`, VAL, ANN, COR, UP, DOWN, MENU).

        A string of digits is typed digit by digit. Raises UnknownKey.
        """
        self._body.press(*keys)

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines of the display, without trailing blanks."""
        return self._body.screen

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that have happened so far, in order, in the notation of the plan."""
        return self._body.struck

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds pass: instantly in this process, in real time when served. Raises BadTime."""
        check_time(ms)
        self._body.wait(ms)

    def unplug(self) -> None:
        """Unplug every cable: the reader is on a visit."""
        self._body.cable(False)

    def plug(self) -> None:
        """Plug the cables of a served reader back in; in this process, a cable without a host."""
        self._body.cable(True)

    def power_off(self) -> None:
        """Switch the reader off, or cut its power: only the flash contents survive."""
        self._body.power(False)

    def power_on(self) -> None:
        """Switch the reader on. Raises StateDamaged when its flash holds nothing it can start from."""
        self._body.power(True)

    def close(self) -> None:
        """Switch the reader off and release its resources. May be called twice."""
        body, self._open = self._open, None
        on_close, self._on_close = self._on_close, None
        try:
            if body is not None:
                body.close()
        finally:
            if on_close is not None:
                on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _insert(self, slot: Slot, card: str | Path) -> None:
        self._body.remove(slot)
        self._body.insert(slot, card)
