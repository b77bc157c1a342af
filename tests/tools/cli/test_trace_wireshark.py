"""tla trace install-wireshark, in a home of its own."""

from __future__ import annotations

import json
from pathlib import Path

import tla_sim
from tests.tools.cli.command_line import tla

PLUGIN, PROGRAM = ".local/lib/wireshark/plugins/tla.lua", ".config/wireshark/extcap/tla"


def test_it_says_what_it_put_where_and_what_to_do_next(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": ""}
    done = tla("trace", "install-wireshark", **home)
    assert (done.exit_code, done.stdout) == (
        0,
        f"{tmp_path / PLUGIN}: installed\n{tmp_path / PROGRAM}: installed\n",
    )
    assert "Restart Wireshark" in done.stderr
    assert "root" not in done.stderr
    told = json.loads(tla("trace", "install-wireshark", "--json", **home).stdout)
    assert told["version"] == tla_sim.__version__
    assert told["files"] == [
        {"path": str(tmp_path / PLUGIN), "outcome": "renewed"},
        {"path": str(tmp_path / PROGRAM), "outcome": "renewed"},
    ]
    gone = tla("--lang", "fr", "trace", "install-wireshark", "--remove", **home)
    assert gone.stdout == f"{tmp_path / PLUGIN} : retiré\n{tmp_path / PROGRAM} : retiré\n"
    assert not (tmp_path / PLUGIN).exists()
    again = tla("trace", "install-wireshark", "--remove", **home)
    assert again.exit_code == 0
    assert again.stdout.count("was not there") == 2


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / PLUGIN
    foreign.parent.mkdir(parents=True)
    foreign.write_text("-- mine\n")
    refused = tla("trace", "install-wireshark", HOME=str(tmp_path), XDG_CONFIG_HOME="")
    assert refused.exit_code != 0
    assert foreign.read_text() == "-- mine\n"
    assert not (tmp_path / PROGRAM).exists()
