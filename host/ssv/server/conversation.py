"""The server's side of one connection: bytes in, answers out. It does no input or output itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import code_of
from tla_sim.host.ssv.frame_reader import FrameDropped, FrameReader
from tla_sim.host.ssv.frames import (
    ANSWER_HEAD,
    HELLO,
    MAGIC,
    VERSION,
    WELCOME,
    AnswerHead,
    Hello,
    Welcome,
    build_frame,
    parse_call,
)
from tla_sim.host.ssv.server.memory import FrameMemory
from tla_sim.host.ssv.server.party import CallDone, Observer, OnMistake, OnRefused, Party, Peer, Welcoming
from tla_sim.protocol.errors import CodecError, TlaError

_LOG: Final = logging.getLogger("tla_sim.ssv")

FRAME_S: Final = 10.0
"""Seconds in which a frame that has begun, and the hello, must be there as a whole."""
_VERSION_END: Final = len(MAGIC) + 2


class Conversation:
    """A conversation with one program: its hello, then calls, each with its answer.

    `has_hung_up` says whether the program has ended the connection: a call is not begun for nobody.

    `welcome` makes the party that carries out its calls. `deadline` is the time on the clock `now` by which
    more bytes must come, `None` while the program may rest; `late` is called when it has passed. The
    connection is to be closed once `ended`, after what is left to send.
    """

    def __init__(
        self,
        welcome: Welcoming,
        *,
        process: int = 0,
        memory: FrameMemory | None = None,
        observer: Observer | None = None,
        on_mistake: OnMistake | None = None,
        on_refused: OnRefused | None = None,
        has_hung_up: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._welcome = welcome
        self._memory = memory or FrameMemory()
        self._observer = observer
        self._on_mistake = on_mistake
        self._on_refused = on_refused
        self._now = now
        self._reader = FrameReader(self._allow)
        self._taken = 0
        self._party: Party | None = None
        self.peer = Peer(process, has_hung_up=has_hung_up)
        self.deadline: float | None = now() + FRAME_S
        self.patience = 0.0
        self.ended = False
        self._told: CallDone | None = None

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Take in bytes of the program, and yield each answer's frame as its call is carried out.

        Each answer must be sent, or the conversation closed, before the next is asked for.
        """
        self._reader.feed(data)
        while not self.ended:
            self._give_back()
            try:
                body = self._reader.next_frame()
                if body is None:
                    break
                yield build_frame(self._greet(body) if self._party is None else self._call(body))
                self._tell()
            except FrameDropped as error:
                if self._party is None:
                    self._end("a hello is not that long")
                    break
                self.deadline = None
                yield build_frame(_refusal(error))
            except CodecError as error:
                _LOG.info("%s: %s", self._name, error.message)
                self._end("it sends what is no frame")
        if self.ended or not (self._party is None or self._reader.is_partial):
            self.deadline = None
        elif self.deadline is None:
            self.deadline = self._now() + FRAME_S

    def late(self) -> None:
        """End the conversation: the rest of a frame, or the hello, did not come in time."""
        self._end("the rest of a frame did not come")

    def close(self, *, heard: bool = True) -> None:
        """End the conversation with its connection; `heard` says whether the last answer was sent."""
        self.ended = True
        self._tell(heard=heard)
        self._memory.give_back(self._taken)
        self._taken = 0
        party, self._party = self._party, None
        if party is not None:
            party.leave()

    def _greet(self, body: bytes) -> bytes:
        """Return the welcome for a hello. Raises CodecError when it is none."""
        if body[: len(MAGIC)] != MAGIC:
            raise CodecError("That is not the hello of a library", "Connect with one")
        if int.from_bytes(body[len(MAGIC) : _VERSION_END], "big") != VERSION:
            self._end("its library has another version of the frames")
            return WELCOME.build(Welcome(VERSION, SsvCode.VERSIONS))
        hello: Hello = HELLO.parse(body)
        self.peer = replace(self.peer, name=hello.program.decode("utf-8", "replace")[:80])
        self.deadline = None
        try:
            self._party = self._welcome(hello, self.peer)
        except TlaError as error:
            _LOG.info("%s: %s", self._name, error.message)
            if self._on_refused is not None:
                _let_know(self._on_refused, self.peer, error)
            self._end("it is not served")
            return WELCOME.build(Welcome(VERSION, code_of(error)))
        _LOG.debug("%s: connected", self._name)
        return WELCOME.build(Welcome(VERSION, 0))

    def _call(self, body: bytes) -> bytes:
        """Return the answer to a call."""
        party, self.deadline = self._party, None
        assert party is not None
        try:
            function, values, patience = parse_call(body, party.functions)
        except CodecError as error:
            _LOG.info("%s: %s", self._name, error.message)
            return _refusal(error)
        self.patience = patience / 1000
        began = self._now()
        reason = ""
        try:
            self.peer.check_waiting()
            answer = party.answer(function, values)
        except MemoryError:
            _LOG.info("%s: there is not enough memory", function.name)
            answer = ANSWER_HEAD.build(AnswerHead(SsvCode.ALLOCATION))
        except TlaError as error:
            _LOG.info("%s: %s", function.name, error.message)
            reason = error.told
            answer = ANSWER_HEAD.build(AnswerHead(code_of(error, repeatable=function.repeatable)))
        except Exception as error:
            # A mistake of ours must not end the program's connection, nor show what is in its message.
            _LOG.error("%s: internal error, %s", function.name, type(error).__name__)
            if self._on_mistake is not None:
                _let_know(self._on_mistake, error)
            answer = ANSWER_HEAD.build(AnswerHead(SsvCode.GALSS_INTERNAL))
        if self._observer is not None:
            self._told = CallDone(self.peer, function, values, answer, self._now() - began, reason=reason)
        return answer

    def _tell(self, *, heard: bool = True) -> None:
        told, self._told = self._told, None
        if told is None or self._observer is None:
            return
        _let_know(self._observer, told if heard else replace(told, heard=False))

    def _end(self, why: str) -> None:
        self.ended, self.deadline = True, None
        _LOG.info("%s: the connection is closed: %s", self._name, why)

    @property
    def _name(self) -> str:
        return f"{self.peer.name or 'a program'} ({self.peer.process})"

    def _allow(self, length: int) -> bool:
        if not self._memory.take(length):
            return False
        self._taken += length
        return True

    def _give_back(self) -> None:
        if self._taken and not self._reader.is_partial:
            self._memory.give_back(self._taken)
            self._taken = 0


def _let_know(watcher: Callable[..., None], *facts: object) -> None:
    """Tell who watches the calls, whose own mistakes, such as a full disk, must not end a connection."""
    try:
        watcher(*facts)
    except Exception as error:
        _LOG.error("what happened could not be told: %s", type(error).__name__)


def _refusal(error: TlaError) -> bytes:
    return ANSWER_HEAD.build(AnswerHead(code_of(error)))
