"""tla ssv build and functions."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tools.cli.command_line import tla
from tla_sim.host.ssv.functions import CHARGER_FACTURES_PDT
from tla_sim.host.ssv.headers import header_files
from tla_sim.host.ssv.libraries import FUNCTIONS, library_files


def test_building_lists_every_file_that_it_wrote(tmp_path: Path) -> None:
    result = tla("ssv", "build", "--out", tmp_path / "made here", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    files = [Path(each) for each in (*told["libraries"], *told["headers"], told["pkg_config"])]
    assert sorted(files) == sorted(each for each in tmp_path.rglob("*") if each.is_file())
    assert {each.name for each in files if each.suffix == ".so"} == {each.name for each in library_files(64)}
    assert {each.name for each in files if each.suffix == ".h"} == set(header_files())
    assert (told["bits"], told["compiled"]) == (64, True)
    assert f"'{tmp_path}/made here/lib'" in told["link"]


def test_without_a_compiler_it_says_what_to_install_in_both_languages(tmp_path: Path) -> None:
    asked = ("ssv", "build", "--out", tmp_path)
    result = tla(*asked, CC="no-such-compiler")
    assert result.exit_code == 2
    assert result.stderr == (
        "There is no C compiler no-such-compiler. Install the package gcc, such as with apt install gcc.\n"
    )
    french = tla("--lang", "fr", *asked, CC="no-such-compiler")
    assert french.stderr.startswith("Il n'y a pas de compilateur C no-such-compiler. Installez le paquet gcc")
    assert not list(tmp_path.iterdir())


def test_other_bits_are_wrong_usage(tmp_path: Path) -> None:
    result = tla("ssv", "build", "--out", tmp_path, "--bits", "16")
    assert (result.exit_code, result.stderr) == (2, "There are no libraries of 16 bits. Choose 64 or 32.\n")


def test_every_function_is_listed_with_what_is_sure_about_it() -> None:
    result = tla("ssv", "functions", "--json")
    listed = json.loads(result.stdout)
    assert [each["name"] for each in listed] == [each.name for each in FUNCTIONS]
    (load,) = (each for each in listed if each["name"] == "SSV_ChargerFacturesPdT")
    assert load["library"] == "libssvlux.so"
    assert load["prototype"].startswith("unsigned short API_ENTRY SSV_ChargerFacturesPdT(const char *reader")
    assert (load["facts"], load["contents"]) == ("public", "project")
    assert load["commands"] == list(CHARGER_FACTURES_PDT.commands)
    assert load["seconds"] == CHARGER_FACTURES_PDT.seconds
    assert "F0FF" in load["codes"]
    assert {each["name"] for each in load["parameters"]} == {"reader", "billing", "zones", "answers"}


def test_the_table_speaks_both_languages() -> None:
    table = tla("ssv", "functions").stdout
    assert all(each.name in table for each in FUNCTIONS)
    assert "Return a session, and free its" in table
    assert "public" in table
    assert "ours" in table
    assert max(map(len, table.splitlines())) < 150
    french = tla("--lang", "fr", "ssv", "functions").stdout
    assert "ce qu'elle fait" in french
    assert "du projet" in french
    assert "Return a session" not in french
