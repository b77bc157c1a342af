"""A conversation carried over a socket."""

from __future__ import annotations

import os
import socket
import threading

from tests.host.ssv.server.test_conversation import DATE, GREETING, FakeParty
from tla_sim.host.ssv.frames import WELCOME, Welcome, build_frame
from tla_sim.host.ssv.server.connection import may_call, peer_of, serve, watch_hang_up
from tla_sim.host.ssv.server.conversation import Conversation
from tla_sim.host.ssv.server.party import CallDone

WELCOMED = build_frame(WELCOME.build(Welcome(1, 0)))


class Line:
    """A connection served in a thread, and its program's end."""

    def __init__(self) -> None:
        self.party = FakeParty()
        self.told: list[CallDone] = []
        self.conversation = Conversation(lambda _hello, _peer: self.party, observer=self.told.append)
        self.program, server = socket.socketpair()
        self.program.settimeout(60)
        self.thread = threading.Thread(target=serve, args=(server, self.conversation))
        self.thread.start()

    def ended(self) -> None:
        self.program.close()
        self.thread.join(60)
        assert not self.thread.is_alive()
        assert self.party.left == 1


def receive(program: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += program.recv(count - len(found))
    return found


def test_a_program_is_served_until_it_hangs_up() -> None:
    line = Line()
    line.program.sendall(GREETING)
    assert receive(line.program, len(WELCOMED)) == WELCOMED
    line.program.sendall(DATE)
    assert receive(line.program, 10) == build_frame(b"\0\0" + b"\0\2" + b"42")
    line.ended()
    assert [each.heard for each in line.told] == [True]


def test_a_program_that_vanishes_in_a_call_ends_it_unheard() -> None:
    line = Line()
    line.program.sendall(GREETING)
    receive(line.program, len(WELCOMED))
    begun, go = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go.wait(60)

    line.party.before = wait
    line.program.sendall(DATE)
    begun.wait(60)
    line.program.close()
    go.set()
    line.ended()
    assert [each.heard for each in line.told] == [False]
    assert len(line.party.called) == 1


def test_a_large_answer_arrives_whole() -> None:
    line = Line()
    line.program.sendall(GREETING)
    receive(line.program, len(WELCOMED))
    large = line.party.body = os.urandom(4_000_000)
    line.program.sendall(DATE)
    assert receive(line.program, len(large) + 4) == build_frame(large)
    line.ended()


def test_a_deadline_that_has_passed_closes_the_connection() -> None:
    conversation = Conversation(lambda _hello, _peer: FakeParty(), now=lambda: -1e9)
    program, server = socket.socketpair()
    with program:
        serve(server, conversation)
        assert program.recv(1) == b""
    assert conversation.ended


def test_the_peer_is_told_by_the_system() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert peer_of(one) == (os.getpid(), os.geteuid())


def test_only_the_same_user_and_root_may_call() -> None:
    assert may_call(os.geteuid())
    assert may_call(0)
    assert not may_call(os.geteuid() + 1)


def test_a_program_has_hung_up_when_its_end_is_closed_and_not_before() -> None:
    program, server = socket.socketpair()
    with server:
        has_hung_up = watch_hang_up(server)
        assert not has_hung_up()
        program.sendall(b"unread")
        program.shutdown(socket.SHUT_WR)
        assert not has_hung_up()
        server.shutdown(socket.SHUT_RD)
        assert not has_hung_up(), "the server ends, and still answers"
        program.close()
        assert has_hung_up()
