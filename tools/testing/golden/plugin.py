"""The part of the pytest plugin that compares the screens of a test with golden ones.

A test that uses the fixture `tla_screens` is a flow: every screen that its reader shows is compared, once the
test has passed, with `golden/<file>/<test>.json` beside the test's file. One page shows what differs in all
tests of the run, those of the workers of pytest-xdist included.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader
    from tla_sim.tools.testing.golden.comparison import Difference
    from tla_sim.tools.testing.golden.flow import FlowScreen

RECORD: Final = "--tla-golden-run"
PAGE: Final = "--tla-golden-page"
DEFAULT_PAGE: Final = "golden-screens.html"
_REPORTED: Final = "tla_golden"


class WatchedScreens:
    """The screens that a reader shows during a test, the one at the beginning included."""

    def __init__(self, reader: SimulatedReader) -> None:
        from tla_sim.tools.simulator.control.events import Event, EventKind
        from tla_sim.tools.simulator.control.screens import ScreenShown
        from tla_sim.tools.testing.golden.flow import FlowScreen

        self.taken: list[FlowScreen] = [FlowScreen("", reader.control.screen.lines)]
        self._after = ""

        def watch(event: Event) -> None:
            if event.kind is EventKind.SCREEN and isinstance(event.payload, ScreenShown):
                self.taken.append(FlowScreen(self._after, event.payload.lines))

        reader.control.subscribe(watch)

    def note(self, after: str) -> None:
        """Say in a few words what leads to the screens from now on; never a code porteur."""
        self._after = after


class GoldenScreens:
    """Compares the screens of tests, and writes the page at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._record: bool = config.getoption(RECORD)
        self._page = Path(config.invocation_params.dir, config.getoption(PAGE))
        self._reported: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Compare the screens of a test that has passed."""
        yield
        watched = getattr(item, "funcargs", {}).get("tla_screens")
        if isinstance(watched, WatchedScreens):
            self._compare(item, golden_path(item), tuple(watched.taken))

    def _compare(self, item: pytest.Item, golden: Path, shown: tuple[FlowScreen, ...]) -> None:
        from tla_sim.tools.testing.golden.check import GoldenMissing, compare
        from tla_sim.tools.testing.golden.flow import GoldenDamaged, write_golden

        if self._record:
            write_golden(golden, shown)
            return
        root = item.config.rootpath
        name = golden.relative_to(root) if golden.is_relative_to(root) else golden
        try:
            found = compare(item.nodeid, golden, shown)
        except GoldenMissing:
            pytest.fail(f"There are no golden screens in {name}: record them with {RECORD}", pytrace=False)
        except GoldenDamaged as error:
            pytest.fail(f"{error.message}: record it again with {RECORD}", pytrace=False)
        if found is not None:
            item.stash[_FOUND] = [_plain(each) for each in found.differences], str(name), found.screens
            pytest.fail(
                f"{len(found.differences)} of {found.screens} screens not as recorded in {name}; "
                f"{self._page} shows them side by side",
                pytrace=False,
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hand on what differs with the report, which reaches the process that writes the page."""
        report = yield
        found = item.stash.get(_FOUND, None)
        if found is not None and call.when == "call":
            differing, golden, screens = found
            setattr(report, _REPORTED, {"golden": golden, "screens": screens, "differing": differing})
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what differs."""
        found = getattr(report, _REPORTED, None)
        if found is not None:
            self._reported[report.nodeid] = found

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page about all flows that differ."""
        if not self._reported or hasattr(session.config, "workerinput"):
            return
        from tla_sim.tools.language import language_of_environment, speak
        from tla_sim.tools.testing.golden.check import write_page
        from tla_sim.tools.testing.golden.page import ComparedFlow

        speak(language_of_environment())
        flows = [
            ComparedFlow(name, each["golden"], each["screens"], tuple(map(_difference, each["differing"])))
            for name, each in sorted(self._reported.items())
        ]
        write_page(self._page, flows)


_FOUND: Final = pytest.StashKey[tuple[list[dict[str, Any]], str, int]]()


def golden_path(item: pytest.Item) -> Path:
    """Return where the golden screens of a test are kept."""
    name = re.sub(r"[^\w.-]+", "-", item.nodeid.partition("::")[2].replace("::", ".")).strip("-")
    return item.path.parent / "golden" / item.path.stem / f"{name}.json"


def _plain(difference: Difference) -> dict[str, Any]:
    """Return a difference as data that pytest-xdist can carry."""
    return {
        "number": difference.number,
        "golden": difference.golden and [difference.golden.after, *difference.golden.screen],
        "shown": difference.shown and [difference.shown.after, *difference.shown.screen],
    }


def _difference(plain: dict[str, Any]) -> Difference:
    from tla_sim.tools.testing.golden.comparison import Difference
    from tla_sim.tools.testing.golden.flow import flow_screen

    golden, shown = (
        flow_screen(each[0], each[1:]) if (each := plain[name]) else None for name in ("golden", "shown")
    )
    return Difference(plain["number"], golden, shown)
