"""Images for the target `files`: they tell what they show, all hold, and a loss of ink is seen."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from PIL import Image

from tla_sim.host.desk.errors import BadSignatureImage, PieceRefused
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.mutants.apply import plant
from tla_sim.tools.fuzz.targets.known_ink import known_ink
from tla_sim.tools.fuzz.targets.png_writer import SIGNATURE
from tla_sim.tools.fuzz.targets.scanned_images import SCAN
from tla_sim.tools.fuzz.targets.scanned_images import SIGNATURE as SIGNATURE_IMAGE
from tla_sim.tools.judge.violation import Violation

CASES = 60


def made(seed: str) -> list[bytes]:
    assert SCAN.tweaked is not None
    return [SCAN.tweaked(SeededChance(f"{seed} {each}")) for each in range(CASES)]


def outcomes(raws: Iterable[bytes]) -> list[str]:
    """What comes of each, as scan and as signature: nothing, a refusal's sentence, or what was violated."""
    found = []
    for raw in raws:
        for read in (SCAN.read, SIGNATURE_IMAGE.read):
            try:
                read(raw)
                found.append("")
            except (PieceRefused, BadSignatureImage) as refused:
                found.append(str(refused))
            except Violation as violation:
                found.append(f"violation {violation}")
    return found


def violations(raws: Iterable[bytes]) -> list[str]:
    return [each for each in outcomes(raws) if each.startswith("violation")]


def test_whatever_image_comes_is_taken_whole_or_refused_with_a_sentence() -> None:
    raws = made("fixed")
    assert violations(raws) == []
    assert outcomes(raws).count("") > CASES // 2


def test_both_formats_and_every_mode_are_among_them() -> None:
    images = made("fixed")
    assert {raw.startswith(SIGNATURE) for raw in images} == {True, False}
    kinds = {(raw[25], raw[24]) for raw in images if raw.startswith(SIGNATURE)}
    assert len(kinds) >= 12
    assert sum(known.sound for raw in images if (known := known_ink(raw))) > CASES // 2


def test_an_image_that_was_changed_tells_nothing() -> None:
    for raw in SCAN.good():
        assert known_ink(raw) is not None
        for at in (20, len(raw) // 2, len(raw) - 1):
            assert known_ink(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]) is None
        assert known_ink(raw[: len(raw) // 2]) is None
    assert known_ink(b"") is None


def test_the_planted_loss_of_ink_is_seen() -> None:
    with plant("deep-greys-clipped"):
        assert violations(made("fixed"))


def test_ink_that_is_white_in_the_pdf_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check does not lean on what it checks: the printing that is left has the scan taken."""

    def faded(image: Image.Image) -> Image.Image:
        grey = image.convert("L")
        grey.paste(255, (90, 0, 140, 100))
        return grey

    monkeypatch.setattr("tla_sim.host.desk.scan_image.on_white", faded)
    assert any("ink of the input" in each for each in violations(SCAN.good()))
