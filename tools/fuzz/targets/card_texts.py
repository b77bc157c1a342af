"""Texts of cards as people edit them: a card, or each mistake on one line with its place.

A card that a text gives has a text of its own that gives it again, and whatever it holds, it is put into a
reader's hands without surprises: it answers reset and is read, or refused in a sentence.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.reading import CardTextError, read_card_text
from tla_sim.tools.cards.view import view_card
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.targets.file_kind import FileKind, tweak_tree
from tla_sim.tools.judge.violation import Violation

_TAKEN: Final = ("maya", "anne", "martin", "real")
_FORMS: Final[tuple[dict[str, Any], ...]] = (
    {"hex": "00"},
    {"hex": ["3082", "04 00"]},
    {"text": "É"},
    {"latin-1": "É"},
    {"hex": "", "size": 200, "filler": "FF"},
    {"groups": []},
    {"groups": [{"group": 105, "start": "2031-01-01"}, {"group": 9, "fields": ["", "é"]}]},
    {"groups": [{"group": 2, "logical_number": 255, "billing_number": "", "may_sign_lot": None}]},
    {"objects": [{"tag": "7F21", "objects": [{"tag": "5A", "hex": "00" * 200}, {"tag": "04", "text": ""}]}]},
    {"pem": ["-----BEGIN CERTIFICATE-----", "MAA=", "-----END CERTIFICATE-----"]},
)
_ATRS: Final = ("3B00", "3F6525002209699000", "3B02140050", "3BF0", "3B8080", "3BFF" + "FF" * 30)


@cache
def _good() -> tuple[bytes, ...]:
    return tuple(laid_out(card_text(players.cards()[name][0])).encode() for name in _TAKEN)


def _tweaked(chance: Chance) -> bytes:
    tree = json.loads(pick(chance, _good()))
    for _ in range(1 + chance.below(2)):
        _edit(tree, chance)
    if not chance.below(3):
        tweak_tree(tree, chance)
    return json.dumps(tree, ensure_ascii=not chance.below(2)).encode("utf-8", "surrogatepass")


def _edit(tree: Any, chance: Chance) -> None:
    file = pick(chance, tree["files"])
    match chance.below(5):
        case 0:
            file[pick(chance, ("content", "written"))] = dict(pick(chance, _FORMS))
        case 1:
            file[pick(chance, ("read", "write"))] = pick(chance, ("ALWAYS", "CODE", "NEVER", "always"))
        case 2:
            tree["atr"] = pick(chance, _ATRS)
        case 3:
            tree["keys"][0]["key"] = pick(chance, ("NEW", {"shipped": chance.below(50)}, {"sha256": "00"}))
        case _:
            tweak_tree(file, chance)


def _read(raw: bytes) -> None:
    try:
        image = read_card_text(raw, fresh=ShippedKeys(reuse=True))
    except CardTextError as error:
        for problem in error.problems:
            if len(str(problem).splitlines()) != 1 or not problem.found or not problem.expected:
                raise Violation("form", "a mistake in a card's text is not told on one line") from None
        raise
    again = read_card_text(laid_out(card_text(image)).encode(), base=image)
    if again.build() != image.build():
        raise Violation("round trip", "a card of a text has a text of another card")
    view_card(image)


KIND: Final = FileKind(_good, _read, _tweaked)
