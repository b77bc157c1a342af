"""Tell somebody outside of something, who may be gone by now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
LOG: Final = logging.getLogger("tla_sim.control")


def tell(somebody: Callable[[T], object], news: T) -> None:
    """Call a function from outside; what it raises is logged and stops nobody else.

    Whoever asked may have closed what it would be told by, and the reader's thread serves others, too.
    """
    try:
        somebody(news)
    except Exception:
        LOG.exception("what a reader told was not taken")
