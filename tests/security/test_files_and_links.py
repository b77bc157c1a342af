"""What is written is its owner's alone, stays where it was told to, and TCP is this machine's unless told."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.simulator import simulator
from tests.reader_kit import Bench
from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import make_reader, practice_tree
from tla_sim.host.round.outbox import Outbox, file_name
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.reader_fw.app.software.boot_area import boot_sectors
from tla_sim.reader_fw.app.store.vault import SLOT_SIZE, VAULT_SECTORS, SlotKind
from tla_sim.reader_fw.board.flash import SECTOR_SIZE
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, FAMILY_BIRTH, MARTIN, NURSE

HOSTILE = "../../../TMP/X"


@pytest.fixture
def generous() -> Iterator[None]:
    """A process that would let everybody read and write what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("generous")
def test_all_that_a_round_writes_is_its_owners_alone(tmp_path: Path) -> None:
    practice = tmp_path / "practice.json"
    practice.write_text(json.dumps(practice_tree()))
    practice.chmod(0o600)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    assert tla("demo", "--out", home / "demo", "--seed", "1").exit_code == 0
    assert tla("cards", "issue", practice, "--out", home / "cards").exit_code == 0
    make_reader(home / "reader")
    fses = sorted((home / "demo").rglob("*.fse"))
    assert tla("fse", "export", fses[0], "--out", home / "export").exit_code == 0
    written = list(home.rglob("*"))
    assert len(written) > 15
    for path in written:
        mode = stat.S_IMODE(path.stat().st_mode)
        private = path.is_dir() or path.suffix in (".card", ".fse", ".sqlite", ".bin", ".key", ".json")
        if private:
            assert mode & 0o077 == 0, f"{path} is {mode:o}"


def test_names_in_a_practice_lead_nowhere(tmp_path: Path) -> None:
    tree = practice_tree()
    for who in (*tree["practitioners"], *tree.get("staff", ())):
        who["last_name"] = HOSTILE
    for patient in tree["patients"]:
        for each in patient["beneficiaries"]:
            each["last_name"] = HOSTILE
    practice = tmp_path / "deep" / "down" / "practice.json"
    practice.parent.mkdir(parents=True)
    practice.write_text(json.dumps(tree))
    out = practice.parent / "cards"
    tla("cards", "issue", practice, "--out", out)
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and out not in path.parents]
    assert outside == [practice]


@pytest.mark.parametrize("number", ["../1", "1/2", "", "1" * 10, "1\0", "..", "é"])
def test_names_of_fses_lead_nowhere(tmp_path: Path, number: str) -> None:
    with pytest.raises(ValueError, match="no name for a document"):
        file_name(DocumentId(NURSE, number, DocumentKind.FSE))
    with pytest.raises(ValueError, match="no name for a document"):
        Outbox(tmp_path / "out").put(DocumentId(number, "190305001", DocumentKind.FSE), b"FSE")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_tcp_is_loopback_unless_told_otherwise_and_says_so(tmp_path: Path) -> None:
    state = make_reader(tmp_path / "reader")
    with simulator(state, "tcp:0") as sim:
        assert sim.urls[0].startswith("socket://127.0.0.1:")
        assert "reachable from this machine only" in sim.output
    with simulator(state, "tcp:0.0.0.0:0") as sim:
        assert "Anyone who reaches this port can use the reader" in sim.output


def test_health_data_is_not_on_the_flash_in_clear_and_is_gone_after_erase() -> None:
    bench = Bench()
    load(bench.client(), documents(NURSE, 3))
    bench.unplug()
    bench.insert_ps()
    bench.insert_vitale()
    bench.press("VAL")
    bench.type_code()
    assert "3 FACTURES SIGNEES" in bench.text
    kept = bytes(bench.image)
    for secret in (MARTIN.nir, FAMILY_BIRTH, "MARTIN", "PIQURE2969", "190305001", NURSE, "CPAM"):
        assert secret.encode() not in kept, secret
    assert bench.reader.board.device_key not in kept

    client = bench.client()
    client.verify_code(CODE)
    assert client.erase(NURSE) == 3
    first = bench.reader.board.flash.sectors - boot_sectors(bench.reader.board.flash) - VAULT_SECTORS
    vault = slice(first * SECTOR_SIZE, (first + VAULT_SECTORS) * SECTOR_SIZE)
    image = bytes(bench.image)
    assert not any(slot in image for slot in key_slots(kept[vault])), "the owner's key is destroyed"
    assert bench.reader.app.store.note(NURSE) is None


def key_slots(vault: bytes) -> list[bytes]:
    """The sealed content keys in the vault's sectors."""
    slots = [vault[at : at + SLOT_SIZE] for at in range(0, len(vault), SLOT_SIZE)]
    found = [slot for slot in slots if slot[0] == SlotKind.KEY]
    assert found
    return found
