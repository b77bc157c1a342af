from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tla_sim.tools.web.event_ids import Cursor, all_id, one_id, parse_all, parse_one

NAMES = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,8}\Z")
NUMBERS = st.integers(0, 10**14)


@given(NUMBERS)
def test_the_id_of_one_reader_comes_back(seq: int) -> None:
    assert parse_one("ab12", one_id("ab12", seq)) == seq
    assert parse_one("other", one_id("ab12", seq)) is None


@given(NUMBERS, st.dictionaries(NAMES, NUMBERS, max_size=5))
def test_the_id_of_all_readers_comes_back(changes: int, seqs: dict[str, int]) -> None:
    cursor = Cursor(changes, seqs)
    assert parse_all("ab12", all_id("ab12", cursor)) == cursor
    assert parse_all("other", all_id("ab12", cursor)) is None


@given(st.text())
def test_what_is_no_id_is_none(text: str) -> None:
    assert parse_one("ab12", text) is None
    assert parse_all("ab12", text) is None
