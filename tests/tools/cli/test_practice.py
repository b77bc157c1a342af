"""tla practice: a valid file is summed up, a wrong one is named place by place, and nothing is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.samples import make_practice_tree
from tests.tools.cli.command_line import tla, tla_process
from tla_sim.host.practice.file import load_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.protocol.groups.zone import decode_zone
from tla_sim.tools.cast.people import NURSE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "practice.json"
    path.write_text(json.dumps(make_practice_tree()))
    return path


def test_a_valid_file_is_summed_up(file: Path) -> None:
    result = tla("practice", "check", file)
    assert result.exit_code == 0
    assert "is valid" in result.stdout
    assert "PIQURE2969 MAYA" in result.stdout
    assert "156,20" in result.stdout


def test_json_gives_the_same_for_programs(file: Path) -> None:
    result = tla("practice", "check", file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["valid"] is True
    assert found["invoices"] == 2
    assert found["owners"][0] == {"name": "PIQURE2969 MAYA", "owner": NURSE, "invoices": 1, "total": 15620}


def test_each_error_has_its_place_and_what_is_expected(file: Path) -> None:
    tree = make_practice_tree()
    tree["invoices"][1]["totals"]["total"] = "26.00"
    tree["patients"][0]["nir_key"] = "48"
    file.write_text(json.dumps(tree, indent=1))
    done = tla_process("practice", "check", file)
    assert done.returncode == 2
    assert not done.stdout
    assert "patients[0].nir_key (line " in done.stderr
    assert "expected '47'" in done.stderr
    assert "invoices[1].totals.total" in done.stderr


def test_json_of_a_wrong_file_lists_the_errors(file: Path) -> None:
    file.write_bytes(b'{"name": "Caf\xe9"}')
    result = tla("practice", "check", file, "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert found["valid"] is False
    assert found["problems"][0]["found"] == "byte E9 at offset 13, as in Windows-1252"
    assert found["problems"][0]["expected"] == "text in UTF-8"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_notepads_unicode_is_read(file: Path, codec: str) -> None:
    file.write_bytes(file.read_text("utf-8").encode(codec))
    assert tla("practice", "check", file).exit_code == 0


def test_a_picture_is_said_to_be_one(file: Path) -> None:
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    result = tla("practice", "check", file)
    assert result.exit_code == 2
    assert "a PNG image" in result.stderr


@pytest.mark.parametrize("content", [b"", b"[]", b"\x00" * 4096, b"{" * 100_000])
def test_nonsense_is_wrong_input(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    result = tla("practice", "check", file)
    assert result.exit_code == 2
    assert not result.stdout


def test_the_schema_is_json_and_knows_invoices() -> None:
    result = tla("practice", "schema")
    assert result.exit_code == 0
    assert "invoices" in json.loads(result.stdout)["properties"]


def test_a_terminal_of_few_letters_spells_names_out(tmp_path: Path) -> None:
    tree = make_practice_tree()
    tree["name"] = "CŒUR \u2013 N\u2019GUYỄN"
    file = tmp_path / "practice.json"
    file.write_text(json.dumps(tree))
    done = tla_process("practice", "check", file, PYTHONIOENCODING="ascii", TLA_LANG="en")
    assert "COEUR - N'GUYEN" in done.stdout
    done = tla_process("practice", "check", file, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["name"] == tree["name"]
    file.write_text("{}")
    done = tla_process("practice", "check", file, PYTHONIOENCODING="ascii", TLA_LANG="fr")
    assert "Corrigez le fichier ; rien n'a ete change." in done.stderr
    assert "?" not in done.stderr


def test_zones_are_the_invoices_that_a_push_would_load(file: Path, tmp_path: Path) -> None:
    result = tla("practice", "zones", file, "--out", tmp_path / "zones", "--json")
    assert result.exit_code == 0
    invoices = prepared_invoices(load_practice(file))
    written = [Path(each["file"]) for each in json.loads(result.stdout)]
    assert [path.name for path in written] == [f"{each.owner}-{each.number}.zone" for each in invoices]
    assert [decode_zone(path.read_bytes()) for path in written] == [each.groups() for each in invoices]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_zones_of_a_wrong_file_are_not_begun(file: Path, tmp_path: Path) -> None:
    file.write_text("{}")
    assert tla("practice", "zones", file, "--out", tmp_path / "zones").exit_code == 2
    assert not (tmp_path / "zones").exists()
