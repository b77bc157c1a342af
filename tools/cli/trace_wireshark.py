"""What `tla trace install-wireshark` does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line

_DONE: Final = {
    "installed": Sentence("installed"),
    "renewed": Sentence("renewed"),
    "removed": Sentence("removed"),
    "absent": Sentence("was not there"),
}


def install_wireshark(
    remove: Annotated[bool, typer.Option("--remove", help="Take both out again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put our dissectors and live capture into your own folders of Wireshark.

    Wireshark then shows each field of Log_SV's commands, of cards, T=1 blocks, groups and memory zones, and
    lists running simulated readers among its interfaces. Install again after an update. A file of the same
    name that is not ours is left alone.
    """
    from tla_sim import __version__
    from tla_sim.tools.capture.installing import find_folders, install
    from tla_sim.tools.capture.installing import remove as take_out

    folders = find_folders(os.environ, Path.home())
    outcomes = take_out(folders) if remove else install(folders, __version__, sys.executable)
    if as_json:
        files = [{"path": str(path), "outcome": outcome.value} for path, outcome in outcomes.items()]
        print_json({"version": __version__, "wireshark": folders.asked, "files": files})
        return
    for path, outcome in outcomes.items():
        print_line(Sentence("{path}: {outcome}", path=path, outcome=_DONE[outcome.value]))
    if remove:
        return
    if not folders.asked:
        note(Sentence("No Wireshark was found: these are the folders of Wireshark 4.0."))
    note(Sentence("Restart Wireshark, then open a trace written with --trace FILE.pcapng."))
