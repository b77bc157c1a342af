"""profiles, image, update, sim --profile: what they say, what they refuse, and that nothing changes then."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.cli.surgery import READER, open_surgery
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


def test_an_image_of_new_tables_differs_in_its_tables_alone(tmp_path: Path, image: Path) -> None:
    file, made = tmp_path / "tables.bin", tmp_path / "tables.tlafw"
    file.write_bytes(bytes(49_152))
    options = ("--tables", file, "--tables-version", "2026.1", "--tables-date", "2026-03-02")
    result = tla("image", "build", "1.40", *options, "--out", made)
    assert result.exit_code == 0, result.stderr
    published, found = (json.loads(tla("image", "show", each, "--json").stdout) for each in (image, made))
    assert found["components"][0] == published["components"][0]
    tables = {"name": "Tables", "version": "2026.1", "date": "2026-03-02", "bytes": 49_152}
    assert found["components"][1] == tables | {"checksum": f"{zlib.crc32(bytes(49_152)):08X}"}
    own = ("components", "image_id", "bytes")
    assert {each for each in found if found[each] != published[each]} == set(own)
    with open_surgery(tmp_path) as surgery:
        assert surgery.tla("update", made).exit_code == 0
        remarks = json.loads(surgery.tla("check", "--reader", READER, "--json").stdout)[0]["findings"]
        assert any("2026.1" in each["why"] for each in remarks)
        known = json.loads(surgery.tla("check", "--reader", READER, "--image", made, "--json").stdout)[0][
            "findings"
        ]
        assert not any("2026.1" in each["why"] for each in known)


@pytest.mark.parametrize(
    ("size", "version", "said"),
    [
        (0, "2026.1", "no bytes"),
        (49_153, "2026.1", "49152 bytes"),
        (1_000_000, "2026.1", "49152 bytes"),
        (1, "", "version of tables"),
        (1, "V" * 21, "version of tables"),
        (1, "é", "version of tables"),
        (1, "1\n", "version of tables"),
    ],
)
def test_tables_that_fit_no_image_are_a_sentence(tmp_path: Path, size: int, version: str, said: str) -> None:
    file, made = tmp_path / "tables.bin", tmp_path / "tables.tlafw"
    file.write_bytes(bytes(size))
    refused = tla("image", "build", "1.40", "--tables", file, "--tables-version", version, "--out", made)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not made.exists()


@pytest.mark.parametrize(
    "lone", [("--tables", "t.bin"), ("--tables-version", "1"), ("--tables-date", "2026-03-02")]
)
def test_tables_and_their_version_go_together(lone: tuple[str, ...]) -> None:
    refused = tla("image", "build", "1.40", *lone)
    assert refused.exit_code == 2
    assert "go together" in refused.stderr


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
