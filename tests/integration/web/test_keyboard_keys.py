"""The keyboard's keys are the reader's while the reader has the focus, and nobody else's."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.integration.web.conftest import LookAt
from tests.integration.web.hands import SHORTCUTS, Keyboard
from tests.integration.web.web_process import WebProcess
from tla_sim.reader_fw.board.keypad import Key


def test_every_key_of_the_reader_has_its_key_on_the_keyboard(web: WebProcess, look: LookAt) -> None:
    bench = look()
    reader = bench.reader("reader-1")
    Keyboard(bench.page).press(reader)
    for legend in (key.value for key in Key):
        shortcut = SHORTCUTS.get(legend, legend)
        expect(reader.key(legend)).to_have_attribute("aria-keyshortcuts", shortcut)
        with bench.page.expect_response("**/keys") as answer:
            bench.page.keyboard.press(shortcut)
        sent: Any = answer.value.request.post_data_json
        assert sent == {"keys": [legend]}
    assert web.lines("reader-1")


def test_keys_typed_faster_than_the_reader_answers_all_arrive_in_order(web: WebProcess, look: LookAt) -> None:
    bench = look()
    reader = bench.reader("reader-1")
    sent = _sent_keys(bench.page)
    reader.device.focus()
    typed = "0123456789" * 5
    bench.page.keyboard.type(typed)
    with bench.page.expect_response(lambda answer: answer.url.endswith("/keys") and len(sent) > len(typed)):
        bench.page.keyboard.press("Backspace")
    assert "".join(sent) == f"{typed}COR"
    assert web.lines("reader-1")


def _sent_keys(page: Page) -> list[str]:
    """Return a list that grows by the keys that the page sends."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/keys"):
            body: Any = request.post_data_json
            sent.extend(body["keys"])

    page.on("request", note)
    return sent


def test_a_key_with_ctrl_and_one_typed_elsewhere_are_not_the_readers(web: WebProcess, look: LookAt) -> None:
    bench = look()
    reader = bench.reader("reader-1")
    sent = _sent_keys(bench.page)
    reader.device.focus()
    bench.page.keyboard.press("Control+1")
    bench.page.keyboard.press("Alt+m")
    bench.button("New reader…").click()
    bench.page.get_by_role("textbox", name=bench.word("Name")).press_sequentially("1m5")
    bench.page.keyboard.press("Escape")
    expect(bench.page.get_by_role("dialog")).to_have_count(0)
    bench.tab("Trace").click()
    bench.page.keyboard.press("7")
    with bench.page.expect_response("**/keys"):
        reader.key("COR").click()
    assert sent == ["COR"]
    assert web.readers == ["reader-1"]
