"""The server's socket: who may have it, who is let in, how it ends."""

from __future__ import annotations

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

import tla_sim
from tests.ssv_server_kit import PATIENCE, service_on, serving
from tla_sim.host.ssv.caller import Caller, ServerMissing
from tla_sim.host.ssv.functions import LIRE_DATE_LECTEUR
from tla_sim.host.ssv.server import listening
from tla_sim.host.ssv.server.listening import AlreadyServing, Listener, PlaceUnusable
from tla_sim.host.ssv.server.party import CallDone
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import NoAnswer, PortUnavailable

DATE = {"reader": "Log_SV"}


def no_reader() -> Transport:
    raise PortUnavailable("There is none")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service without a reader."""
    return service_on(no_reader, tmp_path)


def listener(path: Path, service: Service) -> Listener:
    return Listener(path, service.welcome, service.held)


def test_the_socket_and_its_folder_are_the_users_own(tmp_path: Path, service: Service) -> None:
    path = tmp_path / "s" / "socket"
    with listener(path, service):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.exists()


def test_a_living_server_is_not_replaced_and_a_dead_ones_socket_is(tmp_path: Path, service: Service) -> None:
    path = tmp_path / "s" / "socket"
    with listener(path, service), pytest.raises(AlreadyServing, match="Another server"):
        listener(path, service)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with serving(service, path), Caller(path) as caller:
        assert caller.call(LIRE_DATE_LECTEUR, DATE).code == 0x800C


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path, service: Service, mode: int) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(PlaceUnusable, match="Others may enter"):
        listener(folder / "socket", service)


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path, service: Service) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "s").symlink_to(tmp_path / "real")
    with pytest.raises(PlaceUnusable, match="not a folder of your own"):
        listener(tmp_path / "s" / "socket", service)


def test_a_file_in_place_of_the_socket_is_not_removed(tmp_path: Path, service: Service) -> None:
    (tmp_path / "s").mkdir(mode=0o700)
    file = tmp_path / "s" / "socket"
    file.write_text("mine")
    with pytest.raises(PlaceUnusable, match="is no socket"):
        listener(file, service)
    assert file.read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path, service: Service) -> None:
    with pytest.raises(PlaceUnusable, match="too long"):
        listener(tmp_path / ("s" * 120) / "socket", service)


def test_another_user_is_hung_up_on(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "may_call", lambda _user: False)
    with serving(service, tmp_path / "s" / "socket") as server, pytest.raises(ServerMissing):
        Caller(server.path)


def test_one_connection_too_many_is_hung_up_on_and_a_free_place_is_given(
    tmp_path: Path, service: Service
) -> None:
    with serving(service, tmp_path / "s" / "socket", most=2) as server:
        first, second = Caller(server.path), Caller(server.path)
        with pytest.raises(ServerMissing):
            Caller(server.path)
        first.close()
        second.close()
        for _ in range(1000):
            try:
                Caller(server.path).close()
                break
            except ServerMissing:
                continue  # the threads of the first two have not ended yet
        else:
            pytest.fail("no place becomes free")


def test_many_programs_are_served_at_once_on_one_reader(tmp_path: Path) -> None:
    codes: list[int] = []
    with tla_sim.SimulatedReader.in_memory() as reader:
        service = service_on(reader.transport, tmp_path)
        with serving(service, tmp_path / "s" / "socket") as server:

            def program() -> None:
                with Caller(server.path) as caller:
                    codes.extend(caller.call(LIRE_DATE_LECTEUR, DATE).code for _ in range(20))

            threads = [threading.Thread(target=program) for _ in range(8)]
            for each in threads:
                each.start()
            for each in threads:
                each.join(PATIENCE)
    assert codes == [0] * 160


def test_half_a_frame_holds_nobody_up(tmp_path: Path) -> None:
    with tla_sim.SimulatedReader.in_memory() as reader:
        service = service_on(reader.transport, tmp_path)
        with (
            serving(service, tmp_path / "s" / "socket") as server,
            socket.socket(socket.AF_UNIX) as stuck,
            Caller(server.path) as caller,
        ):
            stuck.connect(os.fspath(server.path))
            stuck.sendall(b"\0\0")
            assert caller.call(LIRE_DATE_LECTEUR, DATE).code == 0


def test_a_call_in_progress_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow() -> Transport:
        begun.set()
        go.wait(PATIENCE)
        return no_reader()

    codes: list[int] = []
    with (
        serving(service_on(slow, tmp_path), tmp_path / "s" / "socket") as server,
        Caller(server.path) as caller,
    ):
        thread = threading.Thread(target=lambda: codes.append(caller.call(LIRE_DATE_LECTEUR, DATE).code))
        thread.start()
        begun.wait(PATIENCE)
        server.stop()
        go.set()
        thread.join(PATIENCE)
    assert codes == [0x800C]


def test_a_program_for_which_there_is_no_thread_is_hung_up_on_and_the_others_go_on(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with serving(service, tmp_path / "s" / "socket", most=2) as server, Caller(server.path) as first:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", none)
            for _ in range(3):
                with pytest.raises(ServerMissing):
                    Caller(server.path)
        assert first.call(LIRE_DATE_LECTEUR, DATE).code == 0x800C
        with Caller(server.path) as another:
            assert another.call(LIRE_DATE_LECTEUR, DATE).code == 0x800C


def test_a_call_whose_program_gave_up_is_not_carried_out_behind_its_next_ones(tmp_path: Path) -> None:
    begun, go = threading.Event(), threading.Event()
    opened: list[int] = []

    def slow() -> Transport:
        opened.append(1)
        begun.set()
        go.wait(PATIENCE)
        return no_reader()

    told: list[CallDone] = []
    with (
        serving(service_on(slow, tmp_path), tmp_path / "s" / "socket", told.append) as server,
        Caller(server.path) as holder,
        Caller(server.path) as hasty,
    ):
        first = threading.Thread(target=lambda: holder.call(LIRE_DATE_LECTEUR, DATE))
        first.start()
        begun.wait(PATIENCE)
        with pytest.raises(NoAnswer):
            hasty.call(LIRE_DATE_LECTEUR, DATE, seconds=0.05)
        go.set()
        first.join(PATIENCE)
    assert len(opened) == 1, "the call of the program that gave up reached for the reader"
    assert {each.heard: each.answer for each in told} == {True: b"\x80\x0c", False: b"\x00\x40"}
