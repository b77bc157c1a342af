"""The part of the pytest plugin that keeps named states.

A test that requires a state has its provider run first, wherever that stands and whether or not it was
selected; in each process (a worker of pytest-xdist is one) at most once. What pytest reports of a provider
that ran early is held back until its own turn comes, so that every test is reported once and in its place.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol

from tla_sim.tools.testing.states.kept_states import STATES, KeptStates, Run
from tla_sim.tools.testing.states.marks import (
    FIXTURE,
    PROVIDES,
    REQUIRES,
    add_providers,
    check_cycles,
    provided_state,
    required_state,
)
from tla_sim.tools.testing.states.provider_search import ProviderSearch

MARKERS: Final = (
    f"{PROVIDES}(name): when the test passes, the state of its tla_reader is kept under this name",
    f"{REQUIRES}(name): the test's tla_reader starts from the state that another test has kept",
)


class NamedStates:
    """Runs providers before the tests that require their states."""

    def __init__(self) -> None:
        self._search = ProviderSearch()
        self._providers: dict[str, pytest.Item] = {}
        self._early: dict[str, Run] = {}
        self._ran: dict[str, Run] = {}
        self._refused = ""

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Remember what a file holds before a selection narrows it."""
        report = yield
        if report.passed:
            self._search.note(collector, list(report.result))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Find the providers of all states that the tests require. Raises pytest.UsageError."""
        try:
            self._find(session, items)
        except pytest.UsageError as error:
            if not hasattr(session.config, "workerinput"):
                raise
            # pytest-xdist takes a worker that ends here for one that crashed: the marked tests tell instead.
            self._refused = str(error)

    def _find(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        add_providers(self._providers, items)
        required = {name: item for item in items if (name := required_state(item)) is not None}
        for more in (self._search.seen, lambda: self._search.unseen(session)):
            if self._unknown(required) is not None:
                add_providers(self._providers, more())
        unknown = self._unknown(required)
        if unknown is not None:
            name, item = unknown
            unusable = "".join(f"; {each} cannot be collected" for each in self._search.unusable)
            raise pytest.UsageError(
                f'{item.nodeid} requires the state "{name}", which no test provides{unusable}'
            )
        check_cycles(self._providers)

    def _unknown(self, required: dict[str, pytest.Item]) -> tuple[str, pytest.Item] | None:
        """Return a state without provider that a test or a provider requires, and who requires it."""
        ahead = list(required.items())
        passed: set[str] = set()
        while ahead:
            name, item = ahead.pop(0)
            provider = self._providers.get(name)
            if provider is None:
                return name, item
            before = required_state(provider)
            if name not in passed and before is not None:
                ahead.append((before, provider))
            passed.add(name)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run the provider that a test needs, or report one that ran before its turn."""
        if self._refused:
            return None
        run = self._early.pop(item.nodeid, None)
        if run is not None:
            _report(item, nextitem, run)
            return True
        self._provide_for(item)
        return None

    def _provide_for(self, item: pytest.Item) -> None:
        name = required_state(item)
        if name is None or name in item.config.stash[STATES]:
            return
        provider = self._providers[name]
        if provider.nodeid in self._ran:
            return
        self._provide_for(provider)
        # What the test before this one left set up may not be in the provider's way.
        _take_down(item, provider)
        reports = tuple(runtestprotocol(provider, log=False, nextitem=item))
        self._early[provider.nodeid] = self._ran[provider.nodeid] = Run(reports)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember how a provider went that ran in its turn."""
        report = yield
        if not self._refused and provided_state(item) is not None:
            before = self._ran.get(item.nodeid, Run(()))
            self._ran[item.nodeid] = Run((*before.reports, report))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """End a test before its set-up when the state that it requires was not reached."""
        if self._refused:
            if any(item.iter_markers(PROVIDES)) or any(item.iter_markers(REQUIRES)):
                pytest.fail(self._refused, pytrace=False)
            return
        name = required_state(item)
        if name is None or name in item.config.stash[STATES]:
            return
        provider = self._providers[name]
        run = self._ran.get(provider.nodeid, Run(()))
        said = f'The state "{name}" was not reached: {provider.nodeid}'
        if run.outcome == "skipped":
            pytest.skip(f"{said} was skipped")
        if run.told and provider not in item.session.items:
            item.add_report_section("setup", provider.nodeid, run.told)
        pytest.fail(f"{said} failed", pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Keep the state of the reader when the test that provides it has passed."""
        yield
        name = provided_state(item)
        if name is not None and isinstance(item, pytest.Function):
            reader: Any = item.funcargs[FIXTURE]
            item.config.stash[STATES].keep(name, reader)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Forget the states."""
        config.stash[STATES].close()


def install(config: pytest.Config) -> None:
    """Declare the markers and keep states from now on."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.stash[STATES] = KeptStates()
    config.pluginmanager.register(NamedStates(), "tla-named-states")


def _report(item: pytest.Item, nextitem: pytest.Item | None, run: Run) -> None:
    """Give pytest the reports of a test that has run already, as if it ran now."""
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in run.reports:
        if report.when != "teardown" or not report.passed:
            hook.pytest_runtest_logreport(report=report)
    _take_down(item, nextitem)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _take_down(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Take down all that is set up and that the next test does not share, and report what fails in it."""
    down = pytest.CallInfo.from_call(
        lambda: item.session._setupstate.teardown_exact(nextitem),
        when="teardown",
        reraise=(pytest.exit.Exception, KeyboardInterrupt),
    )
    if down.excinfo is not None:
        report = item.ihook.pytest_runtest_makereport(item=item, call=down)
        item.ihook.pytest_runtest_logreport(report=report)
