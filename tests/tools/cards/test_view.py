"""What is shown of a Vitale: that of the first generation, and one whose text was edited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.cards.atr import ATRS
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.reading import read_card_text
from tla_sim.tools.cards.view import view_card
from tla_sim.tools.cast.images import vitale_image


def test_a_vitale_1_shows_what_is_not_read_from_it() -> None:
    view = view_card(vitale_image(terms=CardTerms(model=CardModel.VITALE_1)))
    assert view.facts["model"] == "VITALE_1"
    assert view.facts["atr"] == "3F 65 25 00 22 09 69 90 00"
    assert "refuses every command" in view.facts["contents"]
    assert view.parts == ()


@pytest.mark.parametrize("atr", ATRS[CardModel.VITALE_2])
def test_another_answer_to_reset_may_be_written_into_a_vitales_text(atr: bytes) -> None:
    text = laid_out(card_text(vitale_image()))
    usual = ATRS[CardModel.VITALE_2][0].hex().upper()
    image = read_card_text(text.replace(usual, atr.hex().upper()).encode())
    assert view_card(image).facts["atr"] == atr.hex(" ").upper()
    assert image.contents == replace(vitale_image().contents, atr=atr)


def test_what_public_programs_read_is_named_in_the_text() -> None:
    files = {file["path"]: file for file in card_text(vitale_image())["files"]}
    (person,) = files["3F00/D001"]["content"]["objects"]
    assert [each["note"] for each in person["objects"]] == ["name", "first name", "birth date"]
    assert [each["text"] for each in person["objects"]] == ["MARTIN", "PAUL", "19550812"]
    (person,) = files["3F00/5601/D002"]["content"]["objects"]
    assert [each["note"] for each in person["objects"]] == ["nationality", "NIR and key"]
