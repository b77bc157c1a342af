"""Our dissectors and our extcap in the user's own folders of Wireshark: put there, renewed, taken out.

Wireshark loads Lua files from its personal plugins folder, and runs the programs in its personal extcap
folder to ask which interfaces they have. An installed Wireshark is asked where these are; without one, the
folders of Wireshark 4.0 are taken. A file of the same name that is not ours is never touched.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from shutil import which
from typing import Final

from tla_sim.host.whole_file import EVERYBODY, read_start, replace_file
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.capture.dissector.source import dissector_source

MARK: Final = "Written by tla-sim "
"""What a file of ours says in one of its first two lines, followed by the version that wrote it."""

DISSECTOR: Final = "tla.lua"
EXTCAP: Final = "tla"
EXTCAP_MODULE: Final = "tla_sim.tools.capture.extcap"

_RUNNABLE: Final = 0o755
_HEAD_BYTES: Final = 200
_ASKING_SECONDS: Final = 30
_PROGRAMS: Final = ("tshark", "wireshark", "/Applications/Wireshark.app/Contents/MacOS/tshark")
_PLUGINS_LINE: Final = "Personal Lua Plugins"
_EXTCAP_LINE: Final = "Personal Extcap path"
_CONFIGURATION_LINE: Final = "Personal configuration"


class ForeignPlugin(TlaError):
    """A file that is not ours has the name of one of ours in a folder of Wireshark."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Folders:
    """The user's own folders of Wireshark, and whether an installed Wireshark named them."""

    plugins: Path
    extcap: Path
    asked: bool

    @property
    def dissector_file(self) -> Path:
        """Where the dissectors go."""
        return self.plugins / DISSECTOR

    @property
    def extcap_file(self) -> Path:
        """Where the extcap goes."""
        return self.extcap / EXTCAP


class Outcome(Enum):
    """What became of a file."""

    INSTALLED = "installed"
    RENEWED = "renewed"
    REMOVED = "removed"
    ABSENT = "absent"


Outcomes = Mapping[Path, Outcome]


def find_folders(environment: Mapping[str, str], home: Path) -> Folders:
    """Return the folders that the installed Wireshark names, or those of Wireshark 4.0 for this home."""
    said = _ask_wireshark(environment)
    configuration = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "wireshark"
    configuration = said.get(_CONFIGURATION_LINE, configuration)
    return Folders(
        said.get(_PLUGINS_LINE, home / ".local/lib/wireshark/plugins"),
        said.get(_EXTCAP_LINE, configuration / "extcap"),
        bool(said),
    )


def _ask_wireshark(environment: Mapping[str, str]) -> dict[str, Path]:
    for name in _PROGRAMS:
        program = which(name, path=environment.get("PATH"))
        if program is None:
            continue
        try:
            answer = subprocess.run(
                [program, "-G", "folders"],
                capture_output=True,
                check=True,
                timeout=_ASKING_SECONDS,
                env={**environment, "LC_ALL": "C"},
            )
        except (OSError, subprocess.SubprocessError):
            continue
        lines = (line.partition(":") for line in os.fsdecode(answer.stdout).splitlines())
        return {name.strip(): Path(value.strip()) for name, _, value in lines if value.strip()}
    return {}


def install(folders: Folders, version: str, python: str) -> Outcomes:
    """Write both files, ours of another version included. `python` runs the extcap.

    Raises `ForeignPlugin` before anything is written, and `OSError` naming the file.
    """
    files = _files(folders)
    outcomes = {path: Outcome.RENEWED if _is_ours(path) else Outcome.INSTALLED for path in files}
    contents = (f"-- {MARK}{version}\n{dissector_source(version)}", _extcap_script(version, python))
    for path, content, mode in zip(files, contents, (EVERYBODY, _RUNNABLE), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content.encode("utf-8", "surrogateescape"), mode)
    return outcomes


def remove(folders: Folders) -> Outcomes:
    """Delete both files, where they are. Raises `ForeignPlugin` before any is deleted, and `OSError`."""
    outcomes = {path: Outcome.REMOVED if _is_ours(path) else Outcome.ABSENT for path in _files(folders)}
    for path, outcome in outcomes.items():
        if outcome is Outcome.REMOVED:
            path.unlink()
    return outcomes


def _files(folders: Folders) -> Iterable[Path]:
    return (folders.dissector_file, folders.extcap_file)


def _is_ours(path: Path) -> bool:
    """Return whether a file of ours is there. Raises `ForeignPlugin` when it is another's."""
    if not os.path.lexists(path):
        return False
    head = read_start(path, _HEAD_BYTES) if path.is_file() else b""
    if any(MARK.encode() in line for line in head.splitlines()[:2]):
        return True
    raise ForeignPlugin("{path} is not of tla-sim, and stays as it is", "Move it away", path=path)


def _extcap_script(version: str, python: str) -> str:
    # Without -P a folder tla_sim where Wireshark was started would be taken for ours.
    return f'#!/bin/sh\n# {MARK}{version}\nexec {shlex.quote(python)} -P -m {EXTCAP_MODULE} "$@"\n'
