"""profiles, image, update, sim --profile: what they say, what they refuse, and that nothing changes then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.cli.surgery import open_surgery
from tla_sim.protocol.firmware import MAX_IMAGE_BYTES
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles import PROFILES, TLA_1_31
from tla_sim.reader_fw.app.software.profiles.factory import image_of


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The image of 1.40."""
    path = tmp_path / "new.tlafw"
    assert tla("image", "build", "1.40", "--out", path).exit_code == 0
    return path


def test_every_profile_is_listed_with_what_it_can_do() -> None:
    result = tla("profiles")
    assert result.exit_code == 0
    for profile in PROFILES:
        assert profile.name in result.stdout
    found = {each["name"]: each for each in json.loads(tla("profiles", "--json").stdout)}
    assert found["1.31"]["lacks_commands"][0] == "50"
    assert found["1.40"]["lacks_commands"] == []
    assert "multi_owner" not in found["1.40-single"]["capabilities"]


def test_an_image_is_what_the_factory_installs(image: Path) -> None:
    assert image.read_bytes() == image_of(TLA_1_40).build()
    found = json.loads(tla("image", "show", image, "--json").stdout)
    assert (found["release"], found["never_below"]) == ("1.40", "1.39")
    assert "signature" in tla("image", "show", image).stdout


def test_building_never_replaces_a_file_unasked(image: Path) -> None:
    before = image.read_bytes()
    refused = tla("image", "build", "1.31", "--out", image)
    assert refused.exit_code == 2
    assert "already exists" in refused.stderr
    assert image.read_bytes() == before
    assert tla("image", "build", "1.31", "--out", image, "--force").exit_code == 0


def test_an_update_tells_what_it_did_and_that_it_was_done_already(tmp_path: Path, image: Path) -> None:
    with open_surgery(tmp_path, TLA_1_31) as surgery:
        result = surgery.tla("update", image)
        assert result.exit_code == 0, result.stderr
        assert "1.31 to 1.40" in result.stdout
        assert "already" in surgery.tla("update", image).stdout
        found = surgery.json("update", image)
        assert (found["already"], found["after"]) == (True, "1.40")
        surgery.push()
        assert {each["owner"] for each in surgery.json("list")} == {"75600001", "75100002"}


def test_a_downgrade_and_an_opened_reader_are_refused_in_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "old.tlafw"
    tla("image", "build", "1.31", "--out", old)
    with open_surgery(tmp_path) as surgery:
        result = surgery.tla("update", old)
        assert result.exit_code == 1
        assert "Version refused" in result.stderr
        surgery.bench.reader.board.tamper.open_case()
        other = tmp_path / "other.tlafw"
        tla("image", "build", "1.40-single", "--out", other)
        result = surgery.tla("update", other)
        assert result.exit_code == 1
        assert "has been opened" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not an image"),
        (b"hello", "not an image"),
        (image_of(TLA_1_40).build()[:-1], "cut short"),
        (image_of(TLA_1_40).build()[:100], "cut short"),
        (image_of(TLA_1_40).build()[:-1] + b"\0", "was changed"),
        (image_of(TLA_1_40).head.raw[:-1] + b"\0" + image_of(TLA_1_40).payload, "signature"),
    ],
)
def test_a_bad_image_is_a_sentence_and_the_reader_is_not_even_asked(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.tlafw"
    path.write_bytes(content)
    with open_surgery(tmp_path, TLA_1_31) as surgery:
        before = bytes(surgery.bench.image)
        result = surgery.tla("update", path)
        assert result.exit_code == 2
        assert said in result.stderr
        assert str(path) in result.stderr
        assert bytes(surgery.bench.image) == before


def test_a_gigabyte_of_zeros_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "zeros.tlafw"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    result = tla("image", "show", path)
    assert result.exit_code == 2
    assert str(MAX_IMAGE_BYTES) in result.stderr


def test_a_missing_image_and_an_unknown_profile_are_sentences(tmp_path: Path) -> None:
    assert "no such file" in tla("image", "show", tmp_path / "none").stderr
    result = tla("image", "build", "1.41")
    assert result.exit_code == 2
    assert "1.40-single" in result.stderr
