"""Every mistake in galss.ini has its public code; what real files have is no mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.transport.galss.test_galss import PORTS, SAMPLE
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.named import GalssUnreadable, resolve
from tla_sim.host.transport.galss.ports import check_ports
from tla_sim.protocol.errors import Category, PortUnavailable

PUBLIC = (
    *(0x8001, 0x8002, 0x8003, 0x8004, 0x8005, 0x8006, 0x8007),
    *(0x800A, 0x800C, 0x800D, 0x800E, 0x800F, 0x8010, 0x8011),
)

MISTAKES = [
    ("NbCanaux=1", "NbCanaux=0", 5, 0x8003),
    ("NbCanaux=1", "NbCanaux=33", 5, 0x8003),
    ("NbCanaux=1\n", "", 4, 0x800D),
    ("NbCanaux=1", "NbCanaux=", 5, 0x800D),
    ("NbCanaux=1", "NbCanaux=one", 5, 0x800D),
    ("[CONFIG]", "[CONFIGURATION]", 1, 0x800D),
    ("NbCanaux=1", "NbCanaux=2", 5, 0x8004),
    ("[CANAL1]\n", "[CANAL9]\n", 5, 0x8004),
    ("Protocole=0\n", "", 6, 0x8004),
    ("Protocole=0", "Protocole=3", 9, 0x8005),
    ("Protocole=0", "Protocole=PSS", 9, 0x8005),
    ("Protocole=0", "Protocole=1", 9, 0x8006),
    ("[PROTOCOLE0]", "[PROTOCOL0]", 9, 0x8006),
    ("NomLib=pss\n", "", 1, 0x8006),
    ("NomLib=pss", "NomLib=", 3, 0x8006),
    ("NomLib=pss", 'NomLib=""', 3, 0x8006),
    ("TCanal=1\n", "", 6, 0x8007),
    ("TCanal=1", "TCanal=", 7, 0x8007),
    ("TCanal=1", "TCanal=serial", 7, 0x8007),
    ("TCanal=1", "TCanal=256", 7, 0x8007),
    ("Index=1\n", "", 6, 0x8007),
    ("Index=1", "Index=0", 8, 0x8007),
    ("Index=1", "Index=COM1", 8, 0x8007),
    ("Config=1000,20,15000\n", "", 1, 0x800A),
    ("Config=1000,20,15000", "Config=1000,,15000", 2, 0x800A),
    ("Config=1000,20,15000", "Config=fast", 2, 0x800A),
    ("Config=1000,20,15000", "Config=1000,20,15000\nTempoInit=soon", 3, 0x800A),
    ("Caracteristiques=9600,1,8,0,0\n", "", 6, 0x800C),
    ("9600,1,8,0,0", "", 10, 0x800C),
    ("9600,1,8,0,0", "fast,1,8,0,0", 10, 0x800C),
    ("9600,1,8,0,0", "1000000,1,8,0,0", 10, 0x800C),
    ("PAD=2\n", "", 12, 0x800F),
    ("PAD=2\n", "PAD=256\n", 13, 0x800F),
    ("NbPAD=1", "NbPAD=0", 11, 0x800F),
    ("NbPAD=1", "NbPAD=2", 11, 0x800F),
    ("[CANAL1.PAD1]", "[CANAL1_PAD1]", 11, 0x800F),
    ("LAD=1\n", "", 15, 0x8010),
    ("LAD=1\n", "LAD=-1\n", 16, 0x8010),
    ("NbLAD=2", "NbLAD=3", 14, 0x8010),
    ("NbLAD=2\n", "", 12, 0x8010),
    ("NomLAD=CPS\n", "", 15, 0x8011),
    ("NomLAD=CPS", "NomLAD=", 17, 0x8011),
    ("NomLAD=CPS", "NomLAD=LECTEURCPS", 17, 0x8011),
    ("NomLAD=CPS", "NomLAD=LOG_SV", 21, 0x8011),
    ("PAD=2\n", "PAD=2\nPAD=3\n", 14, 0x800F),
    ("Index=1", "Index=1\nINDEX=2", 9, 0x8007),
    ("[CANAL1.PAD1]", "[CANAL1]\n[CANAL1.PAD1]", 12, 0x8004),
    ("[CONFIG]", "[CONFIG]\nx\n[CONFIG]", 5, 0x8001),
    ("[PROTOCOLE0]", "key=1\n[PROTOCOLE0]", 1, 0x8001),
    ("[PROTOCOLE0]", "[\n[PROTOCOLE0]", 1, 0x8001),
]
"""What stands in the sample, what replaces it, and the line and code of that mistake."""


def test_the_codes_are_the_public_ones_each_with_its_meaning() -> None:
    assert tuple(GalssCode) == PUBLIC
    assert len({code.en for code in GalssCode} | {code.fr for code in GalssCode}) == 2 * len(PUBLIC)
    assert PortUnavailable.ssv == GalssCode.PORT


@pytest.mark.parametrize(("before", "after", "line", "code"), MISTAKES)
def test_a_mistake_has_its_line_and_its_code(
    before: str, after: str, line: int, code: int, tmp_path: Path
) -> None:
    assert before in SAMPLE
    text = SAMPLE.replace(before, after, 1)
    found = configuration(text.encode(), PORTS)
    mistakes = [(each.line, each.code) for each in found.problems if not each.remark]
    assert (line, code) in mistakes, found.problems
    (tmp_path / "galss.ini").write_text(text)
    with pytest.raises(GalssUnreadable) as caught:
        resolve(f"galss:Log_SV?file={tmp_path / 'galss.ini'}")
    assert caught.value.ssv == mistakes[0][1]
    assert caught.value.category is Category.BAD_INPUT


def test_two_waits_at_the_start_are_no_mistake() -> None:
    text = SAMPLE.replace("Config=1000,20,15000", "Config=1000,20,15000\nTempoInit=1;2")
    assert text != SAMPLE
    assert configuration(text.encode(), PORTS).problems == configuration(SAMPLE.encode(), PORTS).problems


def test_a_mistake_in_io_comm_ini_is_that_of_the_port() -> None:
    found = configuration(SAMPLE.encode(), b"[MAP_DEVICE]\nCOM1\n")
    assert [(each.line, each.code) for each in found.port_problems] == [(2, GalssCode.PORT)]
    found = configuration(SAMPLE.encode(), PORTS)
    assert [each.code for each in check_ports(found, lambda _: False, [])] == [GalssCode.PORT]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("NomLib=pss", "NomLib=libpssinlux.so"),
        ("NomLib=pss", "NomLib=PSSINW32.DLL\nTempoInit=1,200,1000"),
        ("NomLib=pss", "NomLib=/Library/Frameworks/pssinosx.framework"),
        ("Config=1000,20,15000", "Config=1000,1,15000"),
        ("Config=1000,20,15000", "Config=1000, 20, 15000"),
        ("9600,1,8,0,0", "115200,1,8,0,0"),
        ("9600,1,8,0,0", "9600, 1, 8, 0, 0"),
        ("[CANAL1]\n", "[CANAL1] ; the reader\n"),
        ("[CANAL1]\n", "[canal1]\n"),
        ("[CANAL1]\n", "; a note\n\n# another\n[CANAL1]\n"),
        ("TCanal=1", "  tcanal = 1  "),
        ("PAD=2\n", "PAD=255\n"),
        ("PAD=2\n", "Commentaire=bi-fente\nPAD=0\n"),
        ("[CONFIG]", "[PROTOCOLE1]\nConfig=0\nNomLib=PCSCW64.DLL\nListeCanaux=\n[CONFIG]"),
        ("[CONFIG]", "[AUTRE]\nX=1\n[CONFIG]"),
    ],
)
def test_what_real_files_have_is_no_mistake(before: str, after: str) -> None:
    assert before in SAMPLE
    found = configuration(SAMPLE.replace(before, after, 1).encode(), PORTS)
    assert found.problems == []
    assert found.channels[0].url.startswith("serial:/dev/ttyS0?baud=")


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("9600,1,8,0,0", "9600,2,8,0,0", 10, "is read as that"),
        ("9600,1,8,0,0", "9600", 10, "is read as that"),
        ("Index=1", "Index=1 ; COM1", 8, "A comment follows Index=1"),
        ("[CONFIG]", "[PROTOCOLE1]\n[CONFIG]", 4, "names no library"),
        ("[CONFIG]", "[CANAL2]\n[CANAL2.PAD1]\n[CONFIG]", 4, "[CANAL2] is not counted by NbCanaux"),
        ("[CONFIG]", "[CANAL1.PAD2]\n[CONFIG]", 4, "[CANAL1.PAD2] is not counted by NbPAD"),
        ("NbLAD=2", "NbLAD=1", 19, "[CANAL1.PAD1.LAD2] is not counted by NbLAD"),
        ("NomLib=pss", "NomLib=pss\nListeCanaux=2", 4, "does not list channel 1"),
        ("TCanal=1", "TCanal=2", 7, "neither a serial port (1) nor PC/SC (3)"),
    ],
)
def test_what_may_be_right_is_a_remark(before: str, after: str, line: int, said: str) -> None:
    found = configuration(SAMPLE.replace(before, after, 1).encode(), PORTS)
    assert found.usable
    assert [(each.line, said in each.text) for each in found.problems] == [(line, True)]


def test_a_channel_of_an_unknown_kind_is_listed_and_says_why_it_cannot_be_opened(tmp_path: Path) -> None:
    file = tmp_path / "galss.ini"
    file.write_text(SAMPLE.replace("TCanal=1", "TCanal=2"))
    assert configuration(file.read_bytes()).names == ("CPS", "Log_SV")
    with pytest.raises(GalssUnreadable, match="neither a serial port nor PC/SC") as caught:
        resolve(f"galss:CPS?file={file}")
    assert caught.value.ssv == GalssCode.CHANNEL_KIND
