"""The practice's page, opened on the server that the tests of the page share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.conftest import LookAt
from tests.integration.web.practice.practice_page import PRACTICE, LookAtPractice, PracticePage
from tests.integration.web.web_process import WebProcess, serving


@pytest.fixture
def practice(look: LookAt) -> LookAtPractice:
    """A function that opens the practice's page; what its pages do is checked when the test is over."""

    def open_page(
        view: View | None = None, *, allowed: str | None = None, path: str = PRACTICE
    ) -> PracticePage:
        return PracticePage(look(view, allowed=allowed, path=path))

    return open_page


@pytest.fixture
def own_web() -> Iterator[WebProcess]:
    """A `tla web` of the test's own, whose practice has done nothing yet."""
    with serving() as running:
        yield running


@pytest.fixture
def practice_of_own(browser: Browser, own_web: WebProcess) -> Iterator[PracticePage]:
    """The practice's page on that server."""
    with looking(browser, own_web.url, path=PRACTICE) as page:
        yield PracticePage(page)
