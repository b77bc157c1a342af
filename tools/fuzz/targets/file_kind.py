"""What a kind of file is to the target `files`, and how a file of JSON is changed with knowledge of it."""

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
    """`good` gives sound files, `tweaked` ones changed with knowledge of them, `read` judges one.

    `kept` of them, to seven that are spoiled blindly, stay as they were made.
    """

    good: Callable[[], tuple[bytes, ...]]
    read: Callable[[bytes], None]
    tweaked: Callable[[Chance], bytes] | None = None
    kept: int = 1


def tweak_tree(tree: Any, chance: Chance) -> None:
    """Change one place of a JSON value: leave it out, double it, name it otherwise, or put something odd."""
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
