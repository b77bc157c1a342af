"""sesam.ini: the folder for tables and the test cards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tla_sim.host.ssv.server.sesam_ini import SesamUnusable, read_sesam_ini


def write(folder: Path, text: str) -> Path:
    path = folder / "sesam.ini"
    path.write_text(text)
    return path


def problem(path: Path) -> SesamUnusable:
    with pytest.raises(SesamUnusable) as caught:
        read_sesam_ini(path)
    return caught.value


def test_a_relative_folder_is_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    found = read_sesam_ini(write(tmp_path, "[COMMUN]\r\nRepertoireTravail=tables\r\n"))
    assert found.folder == tmp_path / "tables"
    assert found.test_vitale() is None


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", 0xF6F1, "line 1: [COMMUN] has no RepertoireTravail"),
        ("[COMMUN]\n", 0xF6F1, "line 1: [COMMUN] has no RepertoireTravail"),
        ("[X]\n[COMMUN]\nRepertoireTravail=\n", 0xF6F1, "line 3: [COMMUN] has no RepertoireTravail"),
        ("[COMMUN\n", 0xF6F1, "line 1: '[COMMUN' is not a section"),
        ("[COMMUN]\nRepertoireTravail=nowhere\n", 0xF680, "nowhere is not a folder"),
        ("[COMMUN]\nRepertoireTravail=sesam.ini\n", 0xF680, "sesam.ini is not a folder"),
        ("[COMMUN]\nRepertoireTravail=.\n[TESTSSV]\nNumeroFichierVitale=x\n", 0xF802, "line 4: Numero"),
        ("[COMMUN]\nRepertoireTravail=.\n[TESTSSV]\nNumeroFichierVitale=1000\n", 0xF802, "0 to 999"),
        (
            "[COMMUN]\nRepertoireTravail=.\n[TESTSSV]\nNumeroFichierVitale=2\nNomFichierVitale1=a\n",
            0xF802,
            "line 4: [TESTSSV] has no NomFichierVitale2",
        ),
    ],
)
def test_each_mistake_has_its_code_and_its_line(tmp_path: Path, text: str, code: int, said: str) -> None:
    found = problem(write(tmp_path, text))
    assert found.ssv == code
    assert said in found.message


def test_a_file_that_is_not_there_is_f6f1(tmp_path: Path) -> None:
    found = problem(tmp_path / "none.ini")
    assert found.ssv == 0xF6F1
    assert "none.ini" in found.message


def test_a_folder_where_nothing_can_be_written_is_f6f2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, int]] = []

    def access(path: Path, mode: int) -> bool:
        asked.append((path, mode))
        return False

    monkeypatch.setattr(os, "access", access)  # root may write everywhere
    found = problem(write(tmp_path, f"[COMMUN]\nRepertoireTravail={tmp_path}\n"))
    assert found.ssv == 0xF6F2
    assert asked == [(tmp_path, os.W_OK | os.X_OK)]


@pytest.mark.parametrize("number", ["", "0", "00"])
def test_no_number_or_zero_leaves_the_cards_own_content(tmp_path: Path, number: str) -> None:
    text = f"[COMMUN]\nRepertoireTravail=.\n[TESTSSV]\nNumeroFichierVitale={number}\n"
    assert read_sesam_ini(write(tmp_path, text)).vitale_file is None


def test_the_numbered_test_card_is_read_at_each_call(tmp_path: Path) -> None:
    text = "[COMMUN]\nRepertoireTravail=.\n[TESTSSV]\nNumeroFichierVitale=02\n"
    found = read_sesam_ini(write(tmp_path, text + "NomFichierVitale1=one\nNomFichierVitale2=two\n"))
    with pytest.raises(SesamUnusable, match="two cannot be read") as caught:
        found.test_vitale()
    assert caught.value.ssv == 0xF014
    (tmp_path / "two").write_bytes(b"zone")
    assert found.test_vitale() == b"zone"
    (tmp_path / "two").write_bytes(b"other")
    assert found.test_vitale() == b"other"
