"""Our files in Wireshark's folders: what is written, renewed, refused and taken out."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tla_sim.tools.capture.installing import (
    EXTCAP_MODULE,
    MARK,
    Folders,
    ForeignPlugin,
    Outcome,
    find_folders,
    install,
    remove,
)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "a b" / "plugins", tmp_path / "a b" / "extcap", True)


def wireshark(folder: Path, says: str, status: int = 0) -> dict[str, str]:
    """An environment whose tshark says this."""
    program = folder / "tshark"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\nexit {status}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def test_files_are_installed_then_renewed_then_removed(folders: Folders) -> None:
    both = [folders.dissector_file, folders.extcap_file]
    assert list(install(folders, "1.2", sys.executable).items()) == [
        (each, Outcome.INSTALLED) for each in both
    ]
    assert set(install(folders, "1.3", sys.executable).values()) == {Outcome.RENEWED}
    first, *rest = folders.dissector_file.read_text("utf-8").splitlines()
    assert first == f"-- {MARK}1.3"
    assert 'version = "1.3"' in rest[0]
    assert stat.S_IMODE(folders.extcap_file.stat().st_mode) == 0o755
    assert set(remove(folders).values()) == {Outcome.REMOVED}
    assert set(remove(folders).values()) == {Outcome.ABSENT}
    assert not any(each.exists() for each in both)


def test_the_extcap_runs_this_python_with_what_wireshark_asks(folders: Folders, tmp_path: Path) -> None:
    python = tmp_path / "my py'thon"
    python.write_text('#!/bin/sh\nfor each; do echo "<$each>"; done\n')
    python.chmod(0o755)
    install(folders, "1.2", str(python))
    asked = [str(folders.extcap_file), "--extcap-interfaces", "two words"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said == f"<-P>\n<-m>\n<{EXTCAP_MODULE}>\n<--extcap-interfaces>\n<two words>\n"


@pytest.mark.parametrize("name", ["dissector_file", "extcap_file"])
@pytest.mark.parametrize("content", [b"", b"somebody's own", b"\n\n" + MARK.encode(), None])
def test_a_foreign_file_stays_and_nothing_is_written_or_deleted(
    folders: Folders, name: str, content: bytes | None
) -> None:
    install(folders, "1.2", sys.executable)
    foreign: Path = getattr(folders, name)
    foreign.unlink()
    if content is None:
        foreign.mkdir()
    else:
        foreign.write_bytes(content)
    for attempt in (partial(install, folders, "1.3", sys.executable), partial(remove, folders)):
        with pytest.raises(ForeignPlugin) as caught:
            attempt()
        assert str(foreign) in str(caught.value)
    assert foreign.is_dir() if content is None else foreign.read_bytes() == content
    (other,) = {folders.dissector_file, folders.extcap_file} - {foreign}
    assert f"{MARK}1.2\n" in other.read_text("utf-8")


def test_the_folders_are_those_that_wireshark_names(tmp_path: Path) -> None:
    says = (
        "Personal configuration:\t/home/o c/.config/wireshark\n"
        "Personal Lua Plugins:\t/home/o c/lua\nExtcap path:\t/usr/lib/extcap"
    )
    environment = wireshark(tmp_path, says)
    expected = Folders(Path("/home/o c/lua"), Path("/home/o c/.config/wireshark/extcap"), True)
    assert find_folders(environment, Path("/home/me")) == expected
    environment = wireshark(tmp_path, f"{says}\nPersonal Extcap path:\t/home/o c/newer")
    assert find_folders(environment, Path("/home/me")).extcap == Path("/home/o c/newer")


def test_without_wireshark_they_are_those_of_4_0(tmp_path: Path) -> None:
    home = Path("/home/me")
    plugins = home / ".local/lib/wireshark/plugins"
    nothing = {"PATH": str(tmp_path)}
    assert find_folders(nothing, home) == Folders(plugins, home / ".config/wireshark/extcap", False)
    moved = {**nothing, "XDG_CONFIG_HOME": "/elsewhere"}
    assert find_folders(moved, home).extcap == Path("/elsewhere/wireshark/extcap")
    broken = {**wireshark(tmp_path, "Personal Lua Plugins: /x", status=1), "PATH": str(tmp_path)}
    assert find_folders(broken, home).plugins == plugins
