"""The content of a file as text: decoded as far as it encodes to the same bytes again, otherwise in hex.

The forms: `certificate` and `pem`, `groups`, `objects`, `text`, `latin-1`, `hex`. A content that is filled up
to a fixed size has `size` and `filler` beside its form, so that an edit leaves the file's size as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cards.text.certificate import (
    HolderNames,
    certificate_given,
    certificate_told,
    pem_given,
)
from tla_sim.tools.cards.text.given import Given, lines_of
from tla_sim.tools.cards.text.groups import groups_given, groups_told
from tla_sim.tools.cards.text.keys import NamedKey
from tla_sim.tools.cards.text.object_names import Names
from tla_sim.tools.cards.text.objects import (
    end_of_objects,
    objects_given,
    objects_told,
    value_given,
    value_told,
)

MAX_BYTES: Final = 0xFFFF
_FILLERS: Final = (b"\0", b"\xff")
_FEWEST_FILLED: Final = 4
_FORMS: Final = ("certificate", "pem", "groups", "objects", "hex", "text", "latin-1")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a content refers to on its card: the keys that certificates name, and the holder's names."""

    keys: Sequence[NamedKey] = ()
    holder: HolderNames = field(default_factory=HolderNames)

    @property
    def by_reference(self) -> Mapping[str, NamedKey]:
        """The keys by reference."""
        return {key.reference: key for key in self.keys}


def content_told(raw: bytes, names: Names, around: Surroundings) -> dict[str, Any]:
    """Return a file's content as JSON, from which `content_given` makes the same bytes."""
    told = _decoded(raw, names, around)
    if told is not None:
        return told
    for filler in _FILLERS:
        least = len(raw.rstrip(filler))
        # The last object may itself end with bytes like the filler.
        for end in dict.fromkeys((end_of_objects(raw), least)):
            filled = len(raw) - end
            if end >= least and filled >= _FEWEST_FILLED:
                inner = {"hex": ""} if end == 0 else _decoded(raw[:end], names, around)
                if inner is None:
                    inner = {"hex": lines_of(raw[:end])}
                return inner | {"size": len(raw), "filler": filler.hex().upper()}
    return {"hex": lines_of(raw)}


def content_given(given: Given, around: Surroundings) -> bytes:
    """Return the bytes of a content. Raises Flawed."""
    members = given.members((), (*_FORMS, "size", "filler"))
    found = [form for form in _FORMS if form in members]
    if len(found) != 1:
        raise given.flawed(Sentence("one of {forms}", forms=", ".join(_FORMS)))
    raw = _encoded(members, found[0], around)
    if "size" in members or "filler" in members:
        filled = given.members(("size", "filler"), _FORMS)
        size = filled["size"].whole(0, MAX_BYTES)
        if len(raw) > size:
            raise filled["size"].flawed(
                Sentence("{size} bytes or more, which the content has", size=len(raw))
            )
        raw = raw.ljust(size, filled["filler"].octets(1, 1))
    if len(raw) > MAX_BYTES:
        raise given.flawed(Sentence("at most {most} bytes", most=MAX_BYTES))
    return raw


def _decoded(raw: bytes, names: Names, around: Surroundings) -> dict[str, Any] | None:
    certificate = certificate_told(raw, around.keys, around.holder)
    if certificate is not None:
        return certificate
    groups = groups_told(raw)
    if groups is not None:
        return {"groups": groups}
    objects = objects_told(raw, names)
    if objects is not None:
        return {"objects": objects}
    value = value_told(raw)
    return value if "hex" not in value else None


def _encoded(members: dict[str, Given], form: str, around: Surroundings) -> bytes:
    given = members[form]
    try:
        match form:
            case "certificate":
                return certificate_given(given, around.by_reference)
            case "pem":
                return pem_given(given)
            case "groups":
                return groups_given(given)
            case "objects":
                return objects_given(given)
            case _:
                return value_given(members) or b""
    except CodecError as error:
        raise given.flawed(Sentence("what a file can hold: {reason}", reason=error.message)) from None
