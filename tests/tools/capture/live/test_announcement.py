"""What a running reader says of itself, and what it is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.capture.live.kit import ME
from tla_sim.protocol.errors import CodecError
from tla_sim.tools.capture.live.announcement import Announcement, Question


@given(
    st.builds(
        Announcement,
        st.text(),
        st.text(),
        st.integers(),
        st.lists(st.text()).map(tuple),
        st.text(),
        st.text(),
        st.integers(),
    )
)
def test_what_is_said_is_understood(announcement: Announcement) -> None:
    assert announcement.line().count(b"\n") == 1
    assert Announcement.parse(announcement.line()) == announcement


def test_a_later_version_may_say_more() -> None:
    line = ME.line().replace(b"{", b'{"colour": "blue", ', 1)
    assert Announcement.parse(line) == ME


@given(st.binary())
@pytest.mark.parametrize("kind", [Announcement, Question])
def test_anything_else_is_refused(kind: type[Announcement | Question], line: bytes) -> None:
    with pytest.raises(CodecError):
        kind.parse(line)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"ask": "describe", "levels": "t1"}',
        b'{"name": 1, "program": "", "pid": 1, "urls": [], "state": "", "http": "", "version": 1}',
        b'{"name": "", "program": "", "pid": 1, "urls": [1], "state": "", "http": "", "version": 1}',
    ],
)
def test_other_json_is_refused(line: bytes) -> None:
    for kind in (Announcement, Question):
        with pytest.raises(CodecError):
            kind.parse(line)


def test_a_question_is_understood() -> None:
    assert Question.parse(b'{"ask": "trace", "levels": ["t1"]}') == Question("trace", ("t1",))
    assert Question.parse(b'{"ask": "describe"}') == Question("describe")
