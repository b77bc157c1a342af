"""Debian's Chromium on the bench: contexts that watch what a page does, and views of it.

A page of these contexts fails its test when it logs an error, breaks its own content security policy, or asks
another machine for anything.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.integration.web.bench_page import BenchPage
from tla_sim.tools.language import Language

CHROMIUM = Path("/usr/bin/chromium")
Theme = Literal["light", "dark"]
Width = Literal[1280, 390]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
WIDTHS: Final[tuple[Width, ...]] = (1280, 390)
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)
_LOCALES = {Language.EN: "en-GB", Language.FR: "fr-FR"}
_FAILED_LOAD = re.compile(r"Failed to load resource: (.*)")
_BROKEN_POLICY = """
document.addEventListener("securitypolicyviolation", (broken) =>
  console.error("CSP", broken.violatedDirective, broken.blockedURI));
"""
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True)
class View:
    """How somebody looks at the page: language, theme, width of the window in CSS pixels."""

    language: Language = Language.EN
    theme: Theme = "light"
    width: Width = 1280

    @property
    def height(self) -> int:
        """The height of the window."""
        return 800 if self.width == 1280 else 844

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


VIEWS = tuple(
    View(language, theme, width) for language, theme, width in itertools.product(Language, THEMES, WIDTHS)
)


@dataclass
class Watch:
    """What the pages of a context did. `allowed` are refusals of the server that the test provokes."""

    base: str
    allowed: re.Pattern[str] | None = None
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Take note of everything that pages of the context log and ask for."""
        context.on("console", self._logged)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", lambda request: self.requests.append(request.url))
        context.add_init_script(_BROKEN_POLICY)

    def check(self) -> None:
        """Fail on an error logged, and on a request to another machine."""
        assert not self.errors, "\n".join(self.errors)
        foreign = [url for url in self.requests if not url.startswith((f"{self.base}/", "data:", "blob:"))]
        assert not foreign, foreign

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        failed = _FAILED_LOAD.match(message.text)
        if failed is not None and self.allowed is not None and self.allowed.search(failed[1]):
            return
        self.errors.append(f"{message.type}: {message.text} ({message.location})")


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a headless Chromium."""
    assert CHROMIUM.exists(), "these tests need chromium: make test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looking(
    browser: Browser, url: str, view: View | None = None, *, allowed: str | None = None, path: str = "/"
) -> Iterator[BenchPage]:
    """Open a page in a context of its own, shown in that view, and check at the end what the page did.

    `path` is its address on the server, by default the bench's. `allowed` is a pattern of the failed requests
    that the test provokes, as the console words them.
    """
    seen = View() if view is None else view
    context = browser.new_context(
        locale=_LOCALES[seen.language],
        color_scheme=seen.theme,
        viewport={"width": seen.width, "height": seen.height},
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.set_default_timeout(_PATIENCE_MS)
    watch = Watch(url, re.compile(allowed) if allowed else None)
    watch.follow(context)
    try:
        page = context.new_page()
        page.goto(f"{url}{path}")
        yield BenchPage(page, seen.language)
        watch.check()
    except BaseException as error:
        for logged in watch.errors:
            error.add_note(f"The page logged {logged}")
        raise
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """Return axe-core's findings about the page as it is now, one line each; none when it is accessible."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(
        page, options={"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": tags}}
    )
    return [
        f"{each['id']}: {each['help']}: {'; '.join(node['html'][:200] for node in each['nodes'])}"
        for each in found.response["violations"]
    ]
