"""Work under way with readers: one piece of work a reader at a time, and how far each has come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from tla_sim.host.ledger.desk_model import InvoiceName
from tla_sim.host.progress import Progress
from tla_sim.protocol.errors import Category, TlaError


class SurgeryBusy(TlaError):
    """The practice is at work with this reader already."""

    category = Category.REFUSED


class Action(StrEnum):
    """What the practice does with a reader, or with what it holds.

    LOOK: only see what is on the reader. CARD: try the code of the card in the PS slot. LOTS: make lots and
    files. SEND: send a file of lots.
    """

    LOOK = "look"
    CARD = "card"
    BILL = "bill"
    LOAD = "load"
    UNLOAD = "unload"
    SIGN = "sign"
    TRANSMIT = "transmit"
    LOTS = "lots"
    SEND = "send"


class Stage(StrEnum):
    """Where a piece of work stands. CODE: it waits for the code porteur on the reader's keys."""

    BEGUN = "begun"
    CODE = "code"
    UNDER_WAY = "under-way"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WorkNow:
    """A piece of work as it stands: documents and bytes done and their totals, whose they are.

    `holder` is who has to type a code; `code` says what failed, as TlaError.code does; `file` is the identity
    of the file that is sent.
    """

    reader: str
    action: Action
    stage: Stage = Stage.BEGUN
    done: int = 0
    total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    owner: str = ""
    holder: str = ""
    code: str = ""
    file: str = ""


Tell = Callable[[WorkNow], None]


class Work:
    """One piece of work under way: says how far it is. Given by `WorkList.begin`.

    `holder` is whose card is in the PS slot.
    """

    def __init__(self, now: WorkNow, tell: Tell) -> None:
        self.now = now
        self.holder = ""
        self._tell = tell

    def start(self) -> None:
        """Say that it begins."""
        self._tell(self.now)

    def wait_for_code(self) -> None:
        """Say that the reader waits for the code of `holder` on its keys."""
        self._say(replace(self.now, stage=Stage.CODE, holder=self.holder))

    def go_on(self, progress: Progress | None = None) -> None:
        """Say how far it is; without figures, only that nothing is waited for."""
        now = replace(self.now, stage=Stage.UNDER_WAY, holder="")
        if progress is not None:
            now = replace(
                now,
                done=progress.done,
                total=progress.total,
                bytes_done=progress.bytes_done,
                bytes_total=progress.bytes_total,
                owner=progress.owner,
            )
        self._say(now)

    def end(self, error: TlaError | None = None) -> None:
        """Say that it is done, or what failed."""
        stage, code = (Stage.DONE, "") if error is None else (Stage.FAILED, error.code)
        self._say(replace(self.now, stage=stage, holder="", code=code))

    def _say(self, now: WorkNow) -> None:
        self.now = now
        self._tell(now)


class WorkList:
    """The work under way, by reader. Safe from several threads."""

    def __init__(self) -> None:
        self._ended = threading.Condition()
        self._at_work: dict[str, Work] = {}
        self._held: set[InvoiceName] = set()

    @property
    def now(self) -> tuple[WorkNow, ...]:
        """What is under way, in the order in which it began."""
        with self._ended:
            return tuple(each.now for each in self._at_work.values())

    def check_not_sending(self, file: str) -> None:
        """Check that a file of lots is not being sent just now. Raises SurgeryBusy."""
        if any(each.action is Action.SEND and each.file == file for each in self.now):
            raise SurgeryBusy("File {file} is being sent just now", "Wait until that is done", file=file)

    @contextmanager
    def holding(self, invoices: Collection[InvoiceName]) -> Iterator[None]:
        """Bill or load invoices, or choose how: no other reader, nor another page, does so meanwhile.

        Raises SurgeryBusy.
        """
        with self._ended:
            for each in invoices:
                if each in self._held:
                    raise SurgeryBusy(
                        "Invoice {number} is being billed or loaded just now",
                        "Wait until that is done",
                        number=each[1],
                    )
            self._held.update(invoices)
        try:
            yield
        finally:
            with self._ended:
                self._held.difference_update(invoices)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Let no work begin until the block ends, which must be short. Raises SurgeryBusy while some is under
        way; looks at readers are waited for."""
        with self._ended:
            while self._at_work:
                if any(each.now.action is not Action.LOOK for each in self._at_work.values()):
                    raise SurgeryBusy("The practice is at work just now", "Wait until that is done")
                self._ended.wait()
            yield

    @contextmanager
    def begin(self, reader: str, action: Action, tell: Tell, file: str = "") -> Iterator[Work]:
        """Do one piece of work with a reader (`""`: with none), after a look at it. Raises SurgeryBusy."""
        work = self._start(Work(WorkNow(reader, action, file=file), tell))
        failed: TlaError | None = TlaError("It ended before its end")
        try:
            yield work
            failed = None
        except TlaError as error:
            failed = error
            raise
        finally:
            with self._ended:
                del self._at_work[reader]
                self._ended.notify_all()
            work.end(failed)

    def _start(self, work: Work) -> Work:
        reader = work.now.reader
        with self._ended:
            while (before := self._at_work.get(reader)) is not None:
                if before.now.action is not Action.LOOK:
                    raise _busy(reader)
                self._ended.wait()
            self._at_work[reader] = work
        work.start()
        return work


def _busy(reader: str) -> SurgeryBusy:
    if not reader:
        return SurgeryBusy("The practice is transmitting already", "Wait until that is done")
    return SurgeryBusy(
        "The practice is at work with {reader} already", "Wait until that is done", reader=reader
    )
