"""Card files: private, whole or as before, and a card whose file cannot be written gives nothing away."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.reader_fw.cards.sample_cards import STATUS, VERIFY, VERIFY_WRONG, image, send
from tla_sim.host.whole_file import replace_file
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.image import CardImageCorrupted, CardImageNewer
from tla_sim.tools.cards.file import load_image, open_card, save_card


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "cps nurse.card"
    save_card(target, image().build())
    return target


def test_a_card_file_is_for_its_owner_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_image(path) == image()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_open_to_others_is_closed_again_at_the_next_write(path: Path) -> None:
    path.chmod(0o644)
    card = open_card(path, SeededEntropy(1))
    card.power_on()
    send(card, VERIFY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_tries_are_counted_in_the_file(path: Path) -> None:
    for left in (2, 1, 0):
        card = open_card(path, SeededEntropy(1))
        card.power_on()
        assert send(card, VERIFY_WRONG) == (b"", 0x63C0 | left)
    card = open_card(path, SeededEntropy(1))
    card.power_on()
    assert send(card, VERIFY) == (b"", 0x6983)


def test_a_missing_directory_costs_no_try_and_grants_nothing(path: Path) -> None:
    card = open_card(path, SeededEntropy(1))
    card.power_on()
    moved = path.parent.rename(path.parent.with_name("elsewhere"))
    assert send(card, VERIFY) == (b"", 0x6581)
    assert send(card, STATUS) == (b"", 0x63C3)
    moved.rename(path.parent)
    assert send(card, VERIFY) == (b"", 0x9000)


@pytest.mark.parametrize("broken", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_card_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    if broken == "replace":
        monkeypatch.setattr(Path, "replace", full)
    elif broken == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match="No space"):
        save_card(path, b"x")
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_no_device_pipe_or_folder_is_replaced_and_a_link_stays_one(path: Path) -> None:
    pipe, link = path.with_name("pipe"), path.with_name("link")
    os.mkfifo(pipe)
    for other in (pipe, path.parent):
        with pytest.raises(FileExistsError, match="not a regular file") as refused:
            replace_file(other, b"x")
        assert refused.value.filename == str(other)
    link.symlink_to(path)
    replace_file(link, b"x")
    assert (link.is_symlink(), path.read_bytes()) == (True, b"x")
    with pytest.raises(FileNotFoundError) as missing:
        replace_file(path.parent / "no" / "file", b"x")
    assert missing.value.filename == str(path.parent / "no" / "file")


def test_what_is_wrong_with_a_file_is_said_with_its_name(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:-1])
    with pytest.raises(CardImageCorrupted, match=r"cps nurse\.card.*issue it again"):
        load_image(path)
    path.write_bytes(raw[:13] + b"\x7f\xff" + raw[15:])
    with pytest.raises(CardImageNewer, match=r"cps nurse\.card.*Update"):
        load_image(path)
    path.write_bytes(bytes(3 * 1024 * 1024))
    with pytest.raises(CardImageCorrupted):
        load_image(path)
    with pytest.raises(FileNotFoundError):
        load_image(path.with_name("absent.card"))


def test_every_write_reaches_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    real = os.fsync

    def watched(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", watched)
    save_card(path, image().build())
    assert synced == [False, True]
