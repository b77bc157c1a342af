"""Record a flow as golden, or compare it with what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.whole_file import replace_file
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Quantity
from tla_sim.tools.testing.golden.comparison import differences
from tla_sim.tools.testing.golden.flow import Flow, read_golden
from tla_sim.tools.testing.golden.page import ComparedFlow, render

_PAGE_MODE: Final = 0o644


class GoldenMissing(TlaError):
    """There are no golden screens to compare with."""

    category = Category.BAD_INPUT


class ScreensDiffer(TlaError):
    """A flow shows other screens than the golden ones; `page` shows them side by side."""

    category = Category.REFUSED

    def __init__(self, flow: ComparedFlow, page: Path) -> None:
        super().__init__(
            "{differing} of {screens} not as recorded in {golden}; {page} shows them side by side",
            differing=len(flow.differences),
            screens=Quantity(flow.screens, "screen"),
            golden=flow.golden,
            page=page,
        )
        self.flow = flow
        self.page = page


def check_golden(golden: Path) -> None:
    """Check that there is a golden file. Raises GoldenMissing."""
    if not golden.exists():
        raise GoldenMissing("There is no golden file {golden}", "Record it first", golden=golden)


def compare(name: str, golden: Path, shown: Flow) -> ComparedFlow | None:
    """Compare a flow with a golden file; return `None` when all screens are the same.

    Raises GoldenMissing, GoldenDamaged, FileUnusable.
    """
    check_golden(golden)
    recorded = read_golden(golden)
    found = differences(recorded, shown)
    if not found:
        return None
    return ComparedFlow(name, str(golden), max(len(shown), len(recorded)), found)


def write_page(page: Path, flows: list[ComparedFlow]) -> None:
    """Write the page about flows that differ. Raises OSError."""
    page.parent.mkdir(parents=True, exist_ok=True)
    replace_file(page, render(flows).encode(), _PAGE_MODE)
