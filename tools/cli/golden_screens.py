"""The golden screens of a script that `tla visit` plays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tla_sim.protocol.sentence import Quantity, Sentence

if TYPE_CHECKING:
    from tla_sim.reader_fw.board.display import Screen
    from tla_sim.tools.testing.golden.flow import FlowScreen


class Golden:
    """Takes the screens of a flow, then records them (`record`) or compares them with those in `file`."""

    def __init__(self, file: Path, record: bool, page: Path | None) -> None:
        from tla_sim.tools.testing.golden.check import check_golden

        self._file = file
        self._record = record
        self._page = page or file.with_suffix(".html")
        self._taken: list[FlowScreen] = []
        if not record:
            check_golden(file)

    def take(self, after: str, screen: Screen) -> None:
        """Add the screen that is shown after a line."""
        from tla_sim.tools.testing.golden.flow import FlowScreen

        self._taken.append(FlowScreen(after, screen))

    def finish(self) -> Sentence:
        """Record or compare, and return what to say. Raises ScreensDiffer, GoldenDamaged, OSError."""
        from tla_sim.tools.testing.golden.check import ScreensDiffer, compare, write_page
        from tla_sim.tools.testing.golden.flow import write_golden

        count = Quantity(len(self._taken), "screen")
        if self._record:
            write_golden(self._file, tuple(self._taken))
            return Sentence("{screens} recorded in {file}.", screens=count, file=self._file)
        found = compare(self._file.stem, self._file, tuple(self._taken))
        if found is not None:
            write_page(self._page, [found])
            raise ScreensDiffer(found, self._page)
        return Sentence("{screens} as recorded in {file}.", screens=count, file=self._file)
