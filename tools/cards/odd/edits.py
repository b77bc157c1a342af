"""Edits of a card's text that make it odd. Each finds its place by what stands there, on whatever card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.pki import shipped_keys
from tla_sim.tools.cards.odd.foreign import certified_elsewhere
from tla_sim.tools.cards.text.certificate import pem_lines

Edit = Callable[[Any, CardImage], None]
"""A change, in place, of the text of an image."""

_UNREADABLE: Final = {"hex": "0001DEADBEEF"}
_HOLDER, _INSURED, _BENEFICIARY, _MUTUELLE, _AMC = 1, 101, 104, 107, 109
"""Numbers of groups."""
_PERSON: Final = "65"


def contents_with(tree: Any, number: int) -> Iterator[Any]:
    """Yield the files that hold a group with this number."""
    for file in tree["files"]:
        groups = file.get("content", {}).get("groups", ())
        if any(group["group"] == number for group in groups):
            yield file


def certificates(tree: Any, use: str = "") -> Iterator[Any]:
    """Yield the files with a certificate that the text describes, of one use or of any."""
    for file in tree["files"]:
        told = file.get("content", {}).get("certificate")
        if told is not None and use in ("", told["use"]):
            yield file


def damaged(number: int) -> Edit:
    """Return the edit that makes the files with these groups unreadable."""

    def edit(tree: Any, _: CardImage) -> None:
        for file in contents_with(tree, number):
            file["content"] = dict(_UNREADABLE)

    return edit


def damaged_holder(tree: Any, image: CardImage) -> None:
    """Damage the file of the holder, or of the insured."""
    for number in (_HOLDER, _INSURED):
        damaged(number)(tree, image)


def emptied(number: int) -> Edit:
    """Return the edit that leaves no group in the files with these groups."""

    def edit(tree: Any, _: CardImage) -> None:
        for file in contents_with(tree, number):
            file["content"] = {"groups": []}

    return edit


def no_beneficiary(tree: Any, image: CardImage) -> None:
    """Leave nobody on a Vitale: no beneficiary, and no person in the files for public programs."""
    emptied(_BENEFICIARY)(tree, image)
    for file in tree["files"]:
        content = file.get("content", {})
        if "objects" in content:
            content["objects"] = [each for each in content["objects"] if each["tag"] != _PERSON]


def behind_code(number: int) -> Edit:
    """Return the edit that lets the files with these groups be read after the code only."""

    def edit(tree: Any, _: CardImage) -> None:
        for file in contents_with(tree, number):
            file["read"] = "CODE"

    return edit


def fields(number: int, **values: object) -> Edit:
    """Return the edit that gives every group with this number these values."""

    def edit(tree: Any, _: CardImage) -> None:
        for file in contents_with(tree, number):
            for group in file["content"]["groups"]:
                if group["group"] == number:
                    group.update(values)

    return edit


def both_complementaries(tree: Any, _: CardImage) -> None:
    """Give the first beneficiary a mutuelle and an AMC."""
    for file in contents_with(tree, _BENEFICIARY):
        groups = file["content"]["groups"]
        groups[:] = [each for each in groups if each["group"] < _MUTUELLE]
        end = next(
            (at for at, each in enumerate(groups) if at and each["group"] == _BENEFICIARY), len(groups)
        )
        groups[end:end] = [
            {"group": _MUTUELLE, "identifier": "77777777"},
            {"group": _AMC, "identifier": "99999997", "member": "DEMO22"},
        ]


def certificate(**values: object) -> Edit:
    """Return the edit that has every certificate say these values."""

    def edit(tree: Any, _: CardImage) -> None:
        for file in certificates(tree):
            file["content"]["certificate"].update(values)

    return edit


def another_profile(tree: Any, _: CardImage) -> None:
    """Have every certificate say another profile: a Vitale's on a PS card, a CPS's on a Vitale."""
    profile = "CPS" if tree["profile"] == "VITALE" else "VITALE"
    for file in certificates(tree):
        file["content"]["certificate"]["profile"] = profile


def anothers_key(tree: Any, image: CardImage) -> None:
    """Have the signature key's certificate issued for a shipped key that is not on the card."""
    held = [key.pkcs8 for key in image.contents.keys]
    number = next(at for at, pkcs8 in enumerate(shipped_keys()) if pkcs8 not in held)
    for file in certificates(tree, "SIGNATURE"):
        file["content"]["certificate"]["key"] = {"shipped": number}


def damaged_certificate(tree: Any, image: CardImage) -> None:
    """Change one bit at the end of the signature key's certificate: its signature no longer verifies."""
    _as_bytes(tree, image, lambda der: der[:-1] + bytes((der[-1] ^ 1,)))


def cut_certificate(tree: Any, image: CardImage) -> None:
    """Let the signature key's certificate end early: it is no certificate."""
    _as_bytes(tree, image, lambda der: der[: len(der) // 2])


def foreign_authority(tree: Any, image: CardImage) -> None:
    """Have the signature key certified by an authority that nobody here trusts."""
    _as_bytes(tree, image, certified_elsewhere)


def code(**values: object) -> Edit:
    """Return the edit of the code's counters."""

    def edit(tree: Any, _: CardImage) -> None:
        if "code" in tree:
            tree["code"].update(values)

    return edit


def _as_bytes(tree: Any, image: CardImage, change: Callable[[bytes], bytes]) -> None:
    for file in certificates(tree, "SIGNATURE"):
        der = image.contents.files[tree["files"].index(file)].content
        file["content"] = {"pem": pem_lines(change(der))}
