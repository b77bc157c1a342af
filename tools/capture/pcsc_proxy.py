"""A tap on PC/SC: a socket for programs in front of that of pcscd, which passes on everything and hears it.

Programs come by it when PCSCLITE_CSOCK_NAME names the socket. So any program is heard, however it was built.
"""

from __future__ import annotations

import os
import select
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from tla_sim.host.transport.pcsc import SOCKET_VARIABLE
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.atr import ATRS
from tla_sim.tools.capture.live.meeting_folder import LONGEST_PATH, make_private, refuses
from tla_sim.tools.capture.pcsc_messages import Answered, Connected, Conversation, Event, Seen, Sent
from tla_sim.tools.capture.tracer import Tracer

_USUAL_SOCKET: Final = "/run/pcscd/pcscd.comm"
_READ_SIZE: Final = 1 << 18
_VITALE_ATRS: Final = frozenset((*ATRS[CardModel.VITALE_1], *ATRS[CardModel.VITALE_2]))


class NoPcscTap(TlaError):
    """PC/SC cannot be tapped."""

    category = Category.LINK


def service_socket() -> Path:
    """Return the socket of the PC/SC service that programs of this environment use."""
    return Path(os.environ.get(SOCKET_VARIABLE) or _USUAL_SOCKET)


class SlotsHeard:
    """What programs exchange with the wanted slots, told to a tracer.

    The link of a slot is `pcsc:` and its name. Its device is Log_SV or Vitale if the answer to reset says so,
    otherwise PS.
    """

    def __init__(self, tracer: Tracer, wanted: Callable[[str], bool], clock: Callable[[], int]) -> None:
        self._tracer = tracer
        self._wanted = wanted
        self._clock = clock
        self._atrs: dict[str, bytes] = {}
        self._slots: dict[int, str] = {}
        self._told: dict[str, bytes] = {}

    def take(self, event: Event) -> None:
        """Take what happened in one of the conversations; handles are those of pcscd, so of all programs."""
        match event:
            case Seen(atrs):
                self._atrs.update(atrs)
                for slot in set(self._told) & set(atrs):
                    if atrs[slot] != self._told[slot]:
                        del self._told[slot]
                        self._reset(slot)
            case Connected(handle, slot):
                self._slots[handle] = slot
                self._reset(slot)
            case Sent(handle, apdu):
                slot = self._slots.get(handle, "")
                if slot and self._wanted(slot):
                    if slot not in self._told:
                        self._reset(slot)
                    self._tracer.command(f"pcsc:{slot}", self._lad(slot), apdu, self._clock())
            case Answered(handle, response):
                slot = self._slots.get(handle, "")
                if slot and self._wanted(slot):
                    self._tracer.answer(f"pcsc:{slot}", self._lad(slot), response, self._clock())

    def _reset(self, slot: str) -> None:
        atr = self._atrs.get(slot)
        if atr and self._wanted(slot):
            self._told[slot] = atr
            self._tracer.reset(f"pcsc:{slot}", self._lad(slot), atr, self._clock())

    def _lad(self, slot: str) -> Lad:
        atr = self._atrs.get(slot, b"")
        if atr == LOG_SV_ATR:
            return Lad.LOG_SV
        return Lad.VITALE if atr in _VITALE_ATRS else Lad.PS


class PcscProxy:
    """The socket for programs, at `path`, until `close`. `run` serves it.

    What passes is handed on at once and unchanged; a tracer that is slow makes the programs wait. Raises
    NoPcscTap.
    """

    def __init__(
        self,
        path: Path,
        tracer: Tracer,
        wanted: Callable[[str], bool] = lambda _: True,
        service: Path | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.path = path
        self._service = service or service_socket()
        self._heard = SlotsHeard(tracer, wanted, clock)
        self._poll = select.poll()
        self._pairs: dict[int, _Pair] = {}
        try:
            self._listener = _listen(path)
        except OSError as error:
            raise NoPcscTap(
                "{path} cannot be made: {reason}", path=path, reason=error.strerror or error
            ) from None
        self._poll.register(self._listener, select.POLLIN)

    def run(self, stop: int, out: int = -1) -> None:
        """Serve until `stop` can be read, or whoever reads the descriptor `out` is gone."""
        self._poll.register(stop, select.POLLIN)
        if out >= 0:
            self._poll.register(out, 0)
        while True:
            arrived = [fd for fd, _ in self._poll.poll()]
            for fd in arrived:
                if fd == self._listener.fileno():
                    self._accept()
                elif fd in self._pairs:
                    self._pass_on(fd)
            if stop in arrived or out in arrived:
                return

    def close(self) -> None:
        """Take the socket away, and let everybody go."""
        with suppress(OSError):
            self.path.unlink()
        self._listener.close()
        for pair in set(self._pairs.values()):
            pair.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        program, _ = self._listener.accept()
        service = socket.socket(socket.AF_UNIX)
        try:
            service.connect(str(self._service))
        except OSError:
            # The program learns what it would without us: that no service runs.
            program.close()
            service.close()
            return
        pair = _Pair(program, service, Conversation(self._heard.take))
        for fd in pair.fds:
            self._pairs[fd] = pair
            self._poll.register(fd, select.POLLIN)

    def _pass_on(self, fd: int) -> None:
        pair = self._pairs[fd]
        if not pair.pass_on(fd):
            for each in pair.fds:
                self._poll.unregister(each)
                del self._pairs[each]
            pair.close()


class _Pair:
    """A program's connection, and ours to the service for it."""

    def __init__(self, program: socket.socket, service: socket.socket, conversation: Conversation) -> None:
        self._program = program
        self._service = service
        self._conversation: Conversation | None = conversation
        self.fds = (program.fileno(), service.fileno())

    def pass_on(self, fd: int) -> bool:
        """Pass on what has come, and tell whether both ends are still there."""
        asks = fd == self.fds[0]
        source, target = (self._program, self._service) if asks else (self._service, self._program)
        try:
            data = source.recv(_READ_SIZE, socket.MSG_DONTWAIT)
            if not data:
                return False
            # Before it is passed on: an answer must not be heard before its command.
            if asks:
                self._hear(data, asks)
            target.sendall(data)
        except BlockingIOError:  # it was another connection's descriptor that had something
            return True
        except OSError:
            return False
        if not asks:
            self._hear(data, asks)
        return True

    def close(self) -> None:
        """Close both ends."""
        self._program.close()
        self._service.close()

    def _hear(self, data: bytes, asks: bool) -> None:
        if self._conversation is None:
            return
        try:
            (self._conversation.ask if asks else self._conversation.answer)(data)
        except CodecError:
            # What is not understood is passed on all the same.
            self._conversation = None


def _listen(path: Path) -> socket.socket:
    make_private(path.parent)
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise OSError(None, Sentence("its path is too long for a socket"), str(path))
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode) or not refuses(path):
            raise FileExistsError(None, Sentence("something else has its name"), str(path))
        path.unlink()
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
