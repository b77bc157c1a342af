"""A kind of file of the target `files`, and changes to the structure of JSON."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from tla_sim.tools.fuzz.chance import Chance, pick

_ODD: Final[tuple[Any, ...]] = (
    None, True, -1, 0, 10**30, 1.5, 1e308, "", "0", "é" * 300, "\ud800", "\0", "2019-02-30", [], {}, [[]],
    "9" * 5_000,
)  # fmt: skip


@dataclass(frozen=True)
class FileKind:
    """A kind of file: `good` makes sound files, `tweaked` structured changes to them, `read` judges one.

    `kept` to 7 is the ratio of files that stay as they were made to those that are then spoiled blindly.
    """

    good: Callable[[], tuple[bytes, ...]]
    read: Callable[[bytes], None]
    tweaked: Callable[[Chance], bytes] | None = None
    kept: int = 1


def tweak_tree(tree: Any, chance: Chance) -> None:
    """Change one place of a JSON value: remove, double or rename it, or put something odd there."""
    here = tree
    for _ in range(1 + chance.below(5)):
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = pick(chance, keys)
        inner = here[key]
        if isinstance(inner, (dict, list)) and inner and chance.below(4):
            here = inner
            continue
        match chance.below(5):
            case 0:
                del here[key]
            case 1 if isinstance(here, list):
                here.append(deepcopy(inner))
            case 1:
                here[f"{key}_"] = inner
            case _:
                here[key] = deepcopy(pick(chance, _ODD))
        return
