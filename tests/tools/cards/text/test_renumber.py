"""An edited card under another serial number: changed wherever it stands, and taken by the reader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reader_fw.app.chips import inserted_ps, inserted_vitale
from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.reader_fw.cards.pki import FreshKeys, private_key_bytes
from tla_sim.tools.cards.text.renumber import renumbered
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import MAYA

IMAGES = {
    "CPS3": ps_image(MAYA),
    "CPS4": ps_image(MAYA, terms=CardTerms(model=CardModel.CPS4)),
    "CPE": ps_image(MAYA, cpe=True),
    "Vitale": vitale_image(),
}


def everything(image: CardImage) -> bytes:
    return b"\n".join(file.content for file in image.files)


@pytest.mark.parametrize("name", IMAGES)
def test_the_old_number_is_nowhere_and_the_new_one_wherever_it_was(name: str) -> None:
    image = IMAGES[name]
    other = renumbered(image)
    old, new = image.contents.serial, other.contents.serial
    assert new != old
    assert len(new) == 20
    for form in (str.encode, bytes.fromhex, lambda digits: digits[-10:].encode()):
        assert form(old) not in everything(other)
        assert everything(other).count(form(new)) == everything(image).count(form(old))
    assert [key.pkcs8 for key in other.contents.keys] == [key.pkcs8 for key in image.contents.keys]


def test_the_reader_takes_a_card_under_its_new_number() -> None:
    ps = renumbered(IMAGES["CPS3"])
    assert inserted_ps(ps, verified=True).serial == ps.contents.serial
    assert inserted_vitale(renumbered(IMAGES["Vitale"])).name == "MARTIN PAUL"


def test_two_edits_get_two_numbers_and_the_same_edit_the_same() -> None:
    image = IMAGES["CPS3"]
    code = image.code
    assert code is not None
    edited = image.with_code(replace(code, tries_left=1))
    assert renumbered(edited).contents.serial != renumbered(image).contents.serial
    assert renumbered(edited).build() == renumbered(edited).build()


def test_keys_that_are_not_shipped_stay_on_the_card() -> None:
    image = IMAGES["CPS3"]
    fresh = private_key_bytes(FreshKeys().take())
    keys = tuple(replace(key, pkcs8=fresh) for key in image.contents.keys)
    other = renumbered(CardImage(replace(image.contents, keys=keys), image.code))
    assert {key.pkcs8 for key in other.contents.keys} == {fresh}
