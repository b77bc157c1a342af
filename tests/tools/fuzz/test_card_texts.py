"""The card texts of the target: odd cards are read or refused; the oracle sees a wrong one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cards.text.reading import CardTextError, read_card_text
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.targets import card_texts
from tla_sim.tools.fuzz.targets.card_texts import KIND
from tla_sim.tools.judge.violation import Violation


def test_edited_texts_are_read_or_refused_with_their_place() -> None:
    read = refused = 0
    for seed in range(120):
        try:
            KIND.read(KIND.tweaked(SeededChance(str(seed))) if KIND.tweaked else b"")
            read += 1
        except CardTextError:
            refused += 1
    assert read > 10
    assert refused > 10


def test_a_card_that_comes_back_otherwise_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    good = KIND.good()[0]
    KIND.read(good)

    def forgetful(raw: bytes, base: CardImage | None = None, **given: Any) -> CardImage:
        image = read_card_text(raw, base=base, **given)
        if base is None:
            return image
        return CardImage(replace(image.contents, files=image.contents.files[:-1]), image.code)

    monkeypatch.setattr(card_texts, "read_card_text", forgetful)
    with pytest.raises(Violation, match="text of another card"):
        KIND.read(good)
