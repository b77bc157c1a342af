"""Sentences as JSON values, so that another program can say them in its language. Project-defined."""

from __future__ import annotations

from tla_sim.protocol.sentence import Joined, Quantity, Sentence


def dump_sentence(said: str) -> object:
    """Return a sentence as JSON: template and values; plain text, and what JSON cannot carry, as a string."""
    tree = _dump(said)
    try:
        return tree if load_sentence(tree) == said else str.__str__(said)
    except (ValueError, KeyError, TypeError, AttributeError):
        return str.__str__(said)


def load_sentence(tree: object) -> str:
    """Return the sentence that `dump_sentence` wrote; a string stays plain text.

    Raises ValueError, KeyError, TypeError, AttributeError for other trees.
    """
    match tree:
        case str():
            return tree
        case {"template": str(template), "values": dict(values)}:
            return Sentence(template, **{str(name): _load(each) for name, each in values.items()})
        case {"separator": str(separator), "parts": list(parts)}:
            return Joined(separator, map(load_sentence, parts))
        case {"count": int(count), "one": str(one), "several": str(several)}:
            return Quantity(count, one, several)
        case _:
            raise ValueError("not a sentence")


def _dump(value: object) -> object:
    match value:
        case Joined():
            return {"separator": value.template, "parts": [dump_sentence(each) for each in value.parts]}
        case Quantity():
            _, one = value.template.split(" ", 1)
            _, several = value.several.split(" ", 1)
            return {"count": value.number, "one": one, "several": several}
        case Sentence():
            values = {name: _dump(each) for name, each in value.values.items()}
            return {"template": value.template, "values": values}
        case int() | float() | str():
            return value
        case _:
            return str(value)


def _load(tree: object) -> object:
    return tree if isinstance(tree, int | float) else load_sentence(tree)
