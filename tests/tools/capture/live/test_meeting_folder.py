"""The folder of the sockets is the user's own, and keeps no socket of the dead."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from tla_sim.tools.capture.live.listening import listen
from tla_sim.tools.capture.live.meeting_folder import (
    check_private,
    locked,
    make_private,
    meeting_folder,
    sockets,
    sweep,
)


def test_it_is_in_the_users_runtime_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert meeting_folder().name == "tla-sim"


@pytest.mark.filterwarnings("error")
def test_a_session_without_a_runtime_folder_is_not_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert meeting_folder().name == "tla-sim"


def test_folder_and_socket_are_for_the_user_alone(folder: Path) -> None:
    listener, path = listen(folder)
    with listener:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
def test_a_folder_that_others_see_is_not_used(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(PermissionError):
        make_private(folder)
    with pytest.raises(PermissionError):
        sockets(folder)


def test_a_link_is_not_used(folder: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    folder.symlink_to(tmp_path)
    with pytest.raises(OSError, match="not a folder"):
        make_private(folder)


def test_a_folder_that_others_can_exchange_is_not_used(folder: Path) -> None:
    folder.parent.chmod(0o777)
    with pytest.raises(PermissionError):
        make_private(folder)
    folder.parent.chmod(0o1777)
    make_private(folder)


def test_a_folder_of_another_user_is_not_used(folder: Path) -> None:
    if os.getuid():
        folder = Path("/usr")  # root's, who alone can give a folder away
    else:
        folder.mkdir(mode=0o700)
        os.chown(folder, 65_534, 65_534)
    with pytest.raises(PermissionError):
        check_private(folder)


def test_each_reader_of_a_program_has_a_socket(folder: Path) -> None:
    first, one = listen(folder)
    second, other = listen(folder)
    with first, second:
        assert [path.name for path in (one, other)] == [f"{os.getpid()}-1.sock", f"{os.getpid()}-2.sock"]
        assert sockets(folder) == [one, other]


def test_a_path_too_long_for_a_socket_is_refused(folder: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        listen(folder / ("x" * 90))


def test_the_socket_of_a_dead_program_is_swept_and_its_name_taken_again(folder: Path) -> None:
    listener, path = listen(folder)
    listener.close()
    living, kept = listen(folder)
    with living:
        assert kept == path
        dead = folder / "1-1.sock"
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(dead))
        half = folder / ".2-1.sock"
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(half))
        sweep(folder)
        assert sockets(folder) == [kept]
        assert not half.exists()


def test_nothing_is_swept_while_another_holds_the_lock(folder: Path) -> None:
    listener, path = listen(folder)
    listener.close()
    with locked(folder) as held:
        assert held
        sweep(folder)
    assert path.exists()
    sweep(folder)
    assert not path.exists()


def test_a_lock_that_somebody_keeps_stops_no_reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tla_sim.tools.capture.live.listening._LOCK_PAUSE", 0)
    make_private(folder)
    with locked(folder) as held:
        assert held
        listener, path = listen(folder)
        with listener:
            assert path.exists()


def test_no_folder_means_no_sockets(folder: Path) -> None:
    assert sockets(folder) == []
