"""A card's code state as text: the tries left, and whose codes they are, never the codes.

`TEST` stands for the test codes, as a card is issued with them. Codes that were changed since are `BASE`:
their hashes, which would soon give them away, stay on the base card.
"""

from __future__ import annotations

from typing import Any, Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.image import CardImage, CodeState
from tla_sim.reader_fw.cards.issue import TEST_CODE, TEST_UNBLOCKING_CODE, issued_code_state
from tla_sim.tools.cards.text.given import Given

_TEST, _BASE = "TEST", "BASE"
_MOST: Final = 15
"""The most tries that 63Cx can tell."""


def code_told(state: CodeState, serial: str) -> dict[str, Any]:
    """Return a code state as JSON."""
    test = _test(serial)
    return {
        "code": _TEST if (state.salt, state.digest) == (test.salt, test.digest) else _BASE,
        "tries_left": state.tries_left,
        "unblocking_code": _TEST
        if (state.unblock_salt, state.unblock_digest) == (test.unblock_salt, test.unblock_digest)
        else _BASE,
        "unblocks_left": state.unblocks_left,
    }


def code_given(given: Given, serial: str, base: CardImage | None) -> CodeState:
    """Return the code state that an object describes. Raises Flawed."""
    members = given.members(("code", "tries_left", "unblocking_code", "unblocks_left"))
    code = _whose(members["code"], serial, base)
    unblocking = _whose(members["unblocking_code"], serial, base)
    return CodeState(
        code.salt,
        code.digest,
        members["tries_left"].whole(0, _MOST),
        unblocking.unblock_salt,
        unblocking.unblock_digest,
        members["unblocks_left"].whole(0, _MOST),
    )


def _test(serial: str) -> CodeState:
    return issued_code_state(serial, TEST_CODE, TEST_UNBLOCKING_CODE)


def _whose(given: Given, serial: str, base: CardImage | None) -> CodeState:
    if given.value == _TEST:
        return _test(serial)
    if given.value != _BASE:
        raise given.flawed_secret(
            Sentence("{test}, or {base} for the code of the card given as --base", test=_TEST, base=_BASE)
        )
    if base is None or base.code is None:
        raise given.flawed(Sentence("a card with a code given as --base, or {test}", test=_TEST))
    return base.code
