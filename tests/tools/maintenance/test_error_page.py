"""Every error can be told apart by its code, and says what it is."""

from __future__ import annotations

from collections import Counter

import pytest

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.maintenance.error_page import error_classes
from tla_sim.tools.maintenance.reference_pages import FOLDER, PAGES


def test_no_two_errors_have_the_same_code() -> None:
    codes = Counter(each.code for each in error_classes())
    assert [code for code, count in codes.items() if count > 1] == []


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: str(error.code))
def test_an_error_says_what_it_is_and_what_kind_of_failure(error: type[TlaError]) -> None:
    assert "__doc__" in vars(error)
    families = error.__mro__[: error.__mro__.index(TlaError) + (error is TlaError)]
    assert any("category" in vars(each) for each in families), "give it a category, or its family"


def test_the_page_tells_code_category_exit_code_and_ssv() -> None:
    page = PAGES[FOLDER / "errors.md"]()
    assert "| `no-answer` | link | 3 | 0400 | The reader did not answer within its waiting time. |" in page
    assert "| `status-error` | refused | 1 | by status | The reader or a card answered" in page


def test_a_private_error_has_the_code_of_its_family() -> None:
    class _Inner(TlaError):
        category = Category.LINK

    class Outer(_Inner):
        code = "quite-other"

    assert (_Inner.code, Outer.code) == ("tla-error", "quite-other")
