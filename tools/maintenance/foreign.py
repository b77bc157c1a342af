"""What is said in words of the libraries and of the system, which ship no French that goes with ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FOREIGN: Final[Mapping[str, tuple[str, ...]]] = {}
