"""Texts that people and programs choose stay texts: none becomes part of the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess

TAKEN = "taken over"
HOSTILE = (
    f"<img src=x onerror=\"document.title='{TAKEN}'\">",
    f"<script>document.title='{TAKEN}'</script>",
    f"\"><svg onload=document.title='{TAKEN}'>",
)
_REFUSED = "the server responded with a status of 4"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_refused(web: WebProcess, look: LookAt, text: str) -> None:
    bench = look(allowed=_REFUSED)
    bench.reader("reader-1").shows("TLA 1.40")
    at = "/v1/readers"
    for answer in (
        web.api.post(at, json={"name": text}),
        web.api.post(
            f"{at}/reader-1/cards",
            params={"name": text},
            content=b"card",
            headers={"Content-Type": "application/octet-stream"},
        ),
        web.api.post(f"{at}/reader-1/links", json={"link": text}),
        web.api.put(f"{at}/reader-1/slots/ps", json={"card": text}),
        web.api.post(f"{at}/reader-1/snapshots", json={"name": text}),
    ):
        assert answer.status_code in (400, 404), answer.text
    assert bench.page.title() != TAKEN
    assert web.readers == ["reader-1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_is_taken_is_shown_as_it_is(web: WebProcess, look: LookAt, text: str) -> None:
    bench = look()
    bench.reader("reader-1").shows("TLA 1.40")
    web.ask("POST", "/readers/reader-1/rules", {"text": text, "keys": ["ANN"]})
    bench.tab("Rules").click()
    expect(bench.page.get_by_text(text).first).to_be_visible()
    assert bench.page.title() != TAKEN
    assert bench.page.locator("svg[onload], img[onerror], script:not([src])").count() == 0


@pytest.mark.parametrize("text", [HOSTILE[0]])
def test_a_file_with_such_a_name_is_refused_in_words(look: LookAt, tmp_path: Path, text: str) -> None:
    bench = look(allowed=_REFUSED)
    reader = bench.reader("reader-1")
    file = tmp_path / f"{text.replace('/', '')}.card"
    file.write_bytes(b"no card")
    reader.root.locator("input[type=file]").set_input_files(file)
    expect(bench.page.get_by_role("alert")).to_be_visible()
    assert bench.page.title() != TAKEN
