"""The names in galss.ini: NomLAD and NomAlias1 and on, as NbAlias counts them; nothing is made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.transport.galss.test_galss import PORTS, SAMPLE
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.named import resolve
from tla_sim.host.transport.galss.resources import Configuration

CASES = Path(__file__).parents[3] / "cases"


def with_aliases(*lines: str, others: str = "NbAlias=0") -> Configuration:
    """The sample with these lines behind the name of its first logical device, from line 18 on."""
    text = SAMPLE.replace("NomLAD=CPS\nNbAlias=0", "\n".join(("NomLAD=CPS", *lines)))
    return configuration(text.replace("NomLAD=Log_SV\nNbAlias=0", f"NomLAD=Log_SV\n{others}").encode(), PORTS)


def told(found: Configuration) -> list[tuple[int, GalssCode | None, bool]]:
    """Line, code, and whether it is a remark."""
    return [(each.line, each.code, each.remark) for each in found.problems]


def test_the_fields_own_aliases_are_read() -> None:
    file = CASES / "galss-nomalias.ini"
    found = configuration(file.read_bytes())
    assert found.problems == []
    assert found.names == ("CPS", "TRANSPA1", "Log_SV", "Vitale", "TRANSPA2")
    assert resolve(f"galss:TRANSPA1?file={file}") == "serial:/dev/ttyS7?baud=9600"
    assert resolve(f"galss:transpa2?file={file}") == "serial:/dev/ttyS7?baud=9600"


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("NbAlias=1", "NomAlias1=TRANSPA1"), ("CPS", "TRANSPA1")),
        (("NbAlias=2", "NomAlias2=B", "NomAlias1=A"), ("CPS", "A", "B")),
        (("nbalias=1", "NOMALIAS1=CARTEPS"), ("CPS", "CARTEPS")),
        (("NbAlias = 1", "NomAlias1 = TRANSPA1"), ("CPS", "TRANSPA1")),
        (("NbAlias=1", 'NomAlias1="TRANSPA1"'), ("CPS", "TRANSPA1")),
        (
            ("NbAlias=10", *(f"NomAlias{n}=A{n}" for n in range(1, 11))),
            ("CPS", *(f"A{n}" for n in range(1, 11))),
        ),
        (("NbAlias=0",), ("CPS",)),
        ((), ("CPS",)),
    ],
)
def test_right_aliases_are_read_without_a_word(lines: tuple[str, ...], names: tuple[str, ...]) -> None:
    found = with_aliases(*lines)
    assert found.problems == []
    assert found.names == (*names, "Log_SV")


def test_our_former_key_is_read_and_the_fields_told() -> None:
    found = with_aliases("NbAlias=1", "Alias1=CARTEPS")
    assert found.usable
    assert found.find("CARTEPS") is not None
    assert told(found) == [(19, GalssCode.NAME, True)]
    assert found.problems[0].action == "Write NomAlias1=CARTEPS"


def test_the_fields_key_goes_before_our_former_one() -> None:
    found = with_aliases("NbAlias=1", "Alias1=OLD", "NomAlias1=NEW")
    assert found.problems == []
    assert found.names == ("CPS", "NEW", "Log_SV")


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (("NbAlias=1",), 18, "NbAlias=1 counts NomAlias1, not in [CANAL1.PAD1.LAD1]"),
        (("NbAlias=2", "NomAlias2=B"), 18, "NbAlias=2 counts NomAlias1, not"),
        (("NbAlias=32",), 18, "counts NomAlias1, NomAlias2, NomAlias3, not"),
        (("NbAlias=1", "NomAlias1="), 19, "NomAlias1 is empty"),
        (("NbAlias=1", "NomAlias1=TRANSPAR1"), 19, "more than 8 characters"),
        (("NbAlias=1", "NomAlias1=LOG_SV"), 22, "is already on line 19"),
        (("NbAlias=one", "NomAlias1=A"), 18, "is not a number from 0 to 32"),
        (("NbAlias=-1",), 18, "is not a number from 0 to 32"),
        (("NbAlias=33",), 18, "is not a number from 0 to 32"),
        (("NbAlias=1", "NomAlias1=A", "NomAlias1=B"), 20, "is already on line 19"),
    ],
)
def test_a_wrong_alias_has_its_code_and_no_value(lines: tuple[str, ...], line: int, said: str) -> None:
    found = with_aliases(*lines)
    (problem,) = [each for each in found.problems if not each.remark]
    assert (problem.line, problem.code) == (line, GalssCode.NAME)
    assert said in problem.text
    assert problem.action
    assert not {"", "1"} & set(found.names)


@pytest.mark.parametrize(
    ("lines", "line", "action"),
    [
        (("NbAlias=0", "NomAlias1=A"), 19, "Write NbAlias=1, or delete the alias"),
        (("NomAlias1=A",), 18, "Write NbAlias=1, or delete the alias"),
        (("NbAlias=1", "NomAlias1=A", "NomAlias2=B"), 20, "Write NbAlias=2, or delete the alias"),
        (("NbAlias=1", "NomAlias1=cps"), 19, "This does no harm"),
        (("NbAlias=1 ; one", "NomAlias1=A"), 18, "Put it on a line of its own"),
    ],
)
def test_what_does_no_harm_is_a_remark(lines: tuple[str, ...], line: int, action: str) -> None:
    found = with_aliases(*lines)
    assert found.usable
    assert [(each.line, each.action) for each in found.problems] == [(line, action)]


def test_two_devices_cannot_share_an_alias() -> None:
    found = with_aliases("NbAlias=1", "NomAlias1=SAME", others="NbAlias=1\nNomAlias1=same")
    assert told(found) == [(24, GalssCode.NAME, False)]


def test_what_is_missing_has_no_value() -> None:
    text = SAMPLE.replace("LAD=1\nNomLAD=CPS\n", "").replace("PAD=2\n", "").replace("9600,1,8,0,0", "fast")
    found = configuration(text.encode(), PORTS)
    (channel,) = found.channels
    assert (channel.baud, channel.url) == (None, "")
    assert channel.readers[0].pad is None
    assert (channel.readers[0].resources[0].lad, channel.readers[0].resources[0].names) == (None, ())
    codes = [each.code for each in found.problems if not each.remark]
    assert codes == [GalssCode.PORT, GalssCode.PAD, GalssCode.LAD, GalssCode.NAME]
