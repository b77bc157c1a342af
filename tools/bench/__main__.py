"""`python -m tla_sim.tools.bench [NAME…]`: run the benchmarks, print the table, write bench.json."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from tla_sim.tools.bench.report import Figure, show

NAMES: Final = (
    "dispatch",
    "round_trip",
    "link",
    "web",
    "page",
    "practice",
    "footprint",
    "pcsc",
    "cards",
    "desk",
    "fuzzing",
    "park",
    "sgd",
    "ssv",
    "snapshots",
    "trace",
)


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, by default all. Return 2 for an unknown name, otherwise 0, met or not."""
    wanted = arguments or list(NAMES)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"unknown benchmarks: {', '.join(unknown)}; choose from {', '.join(NAMES)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    console = Console(stderr=True)
    for name in wanted:
        with console.status(f"measuring: {name}"):
            figures += importlib.import_module(f"tla_sim.tools.bench.{name}").measure()
    show(figures, Path("bench.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
