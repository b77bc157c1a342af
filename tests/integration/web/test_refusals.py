"""What the bench refuses is told in place, and stays until something else is done there."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.integration.web.conftest import LookAt


def test_a_load_that_is_refused_says_so_until_the_next_one_goes_through(look: LookAt) -> None:
    bench = look(allowed="status of 409")
    reader = bench.reader("reader-1")
    reader.shows("TLA 1.40")
    bench.tab("Surgery").click()
    with bench.page.expect_response("**/v1/surgery/load"), bench.page.expect_response("**/v1/surgery"):
        bench.button("Load").click()
    alert = bench.page.get_by_role("alert")
    expect(alert).to_be_visible()
    refusal = alert.inner_text()
    reader.switch("Cable").click()
    expect(reader.switch("Cable")).to_be_checked()
    expect(alert).to_have_text(refusal, use_inner_text=True)
    with bench.page.expect_response("**/v1/surgery/load"):
        bench.button("Load").click()
    expect(alert).to_have_count(0)
