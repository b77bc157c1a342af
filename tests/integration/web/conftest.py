"""One Chromium a worker for the tests of the page, and a server that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.integration.web.bench_page import BenchPage
from tests.integration.web.browser_kit import View, launched, looking
from tests.integration.web.web_process import WebProcess, serving

LookAt = Callable[..., BenchPage]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; it ends with this folder's tests, for playwright's event loop runs as long."""
    with launched() as running:
        yield running


@pytest.fixture(scope="package")
def shared_web() -> Iterator[WebProcess]:
    """A `tla web` for tests that need nothing of their own."""
    with serving() as running:
        yield running


@pytest.fixture
def web(shared_web: WebProcess) -> WebProcess:
    """The shared `tla web`, with one fresh reader, named reader-1."""
    for name in shared_web.readers:
        shared_web.ask("DELETE", f"/readers/{name}")
    shared_web.make_reader("reader-1")
    return shared_web


@pytest.fixture
def look(browser: Browser, web: WebProcess) -> Iterator[LookAt]:
    """A function that opens a page of the shared server; what it does is checked when the test is over."""
    with ExitStack() as open_pages:

        def open_page(view: View | None = None, *, allowed: str | None = None, path: str = "/") -> BenchPage:
            return open_pages.enter_context(looking(browser, web.url, view, allowed=allowed, path=path))

        yield open_page
