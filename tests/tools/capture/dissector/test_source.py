"""Values as Lua writes them, and the file that Wireshark loads."""

from __future__ import annotations

import pytest

from tla_sim.tools.capture.dissector.lua import Literal, literal
from tla_sim.tools.capture.dissector.source import dissector_source


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "nil"),
        (True, "true"),
        (7, "7"),
        ('é "a"\n\\', '"é \\034a\\034\\010\\092"'),
        (b"\xff1", '"\\255\\049"'),
        ({"a": 1, 2: None, 3: [4, "x"]}, '{["a"]=1,[3]={4,"x"}}'),
    ],
)
def test_values_are_written_as_lua_reads_them(value: Literal, written: str) -> None:
    assert literal(value) == written


def test_the_source_is_the_same_each_time_and_holds_the_engine() -> None:
    source = dissector_source("1.2")
    dissector_source.cache_clear()
    assert dissector_source("1.2") == source
    assert 'version = "1.2"' in source.partition("\n")[0]
    assert source.endswith("register_postdissector(tla)\n")
    assert "/home/" not in source
