"""PC/SC channels: listed with their slots, and resolved to the reader whose slot is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.transport.galss.test_galss import SAMPLE
from tla_sim.host.transport import open_transport, pcsc
from tla_sim.host.transport.galss import named
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.named import SlotMissing, resolve
from tla_sim.host.transport.galss.ports import check_slots
from tla_sim.host.transport.galss.resources import ChannelKind
from tla_sim.host.transport.pcsc import PcscSlot, find_slots, reader_of
from tla_sim.protocol.errors import Category, PortUnavailable
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR

CASES = Path(__file__).parents[3] / "cases"
FILE = CASES / "galss-pcsc.ini"
FIRST, SECOND = "F600 F600 Smart Card Reader 02", "F600 F600 Smart Card Reader"


def test_the_resources_are_listed_with_their_slots() -> None:
    found = configuration(FILE.read_bytes())
    assert found.problems == []
    assert [(each.number, each.kind, each.port, each.slot) for each in found.channels] == [
        (1, ChannelKind.PCSC, "PC/SC", FIRST),
        (2, ChannelKind.PCSC, "PC/SC", SECOND),
    ]
    assert found.names == ("CPS", "TRANSPA1", "Vitale", "TRANSPA2")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("CPS", "pcsc:F600%20F600%20Smart%20Card%20Reader%2002"),
        ("transpa1", "pcsc:F600%20F600%20Smart%20Card%20Reader%2002"),
        ("Vitale", "pcsc:F600%20F600%20Smart%20Card%20Reader"),
    ],
)
def test_a_name_is_resolved_to_its_slot(name: str, url: str) -> None:
    assert resolve(f"galss:{name}?file={FILE}") == url


@pytest.mark.parametrize(
    "slot",
    ["Ingenico TL TELIUM(1)", "SCM SCR331 0", "Reader 100% [x], y; z?baud=1 00 00", "Lecteur é/è#1 00"],
)
def test_any_name_of_a_slot_travels_in_the_url(slot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(pcsc, "PcscTransport", lambda _url, name: opened.append(name))
    text = FILE.read_text().replace(f"Caracteristiques={FIRST}", f"Caracteristiques={slot}")
    (url, _) = [channel.url for channel in configuration(text.encode()).channels]
    pcsc.open_pcsc(url)
    assert opened == [slot]


@pytest.mark.parametrize(
    ("slot", "reader"),
    [
        ("TLA virtual 00 02", "TLA virtual 00"),
        ("Virtual PCD 00 01", "Virtual PCD 00"),
        (FIRST, SECOND),
        (SECOND, SECOND),
        ("Ingenico TL TELIUM(3)", "Ingenico TL TELIUM"),
        ("Identive CLOUD 2700 R Smart Card Reader 1", "Identive CLOUD 2700 R Smart Card Reader"),
        ("Reader", "Reader"),
    ],
)
def test_the_reader_of_a_slot(slot: str, reader: str) -> None:
    assert reader_of(slot) == reader


def test_a_whole_name_goes_before_parts_of_names() -> None:
    assert find_slots([FIRST, SECOND], SECOND.lower()) == [SECOND]
    assert find_slots([FIRST, SECOND], "smart") == [FIRST, SECOND]
    assert find_slots([FIRST], "Gemalto") == []


def test_a_slot_that_is_not_there_is_told_with_its_line_and_what_to_write() -> None:
    found = configuration(FILE.read_bytes())
    assert check_slots(found, [FIRST, SECOND]) == []
    (moved,) = check_slots(found, [f"{SECOND} 01", SECOND])
    assert (moved.line, moved.code) == (19, GalssCode.PORT)
    assert moved.action == f"Write Caracteristiques={SECOND} 01"
    first, second = check_slots(found, ["Gemalto PC Twin 00 00"])
    assert first.action.endswith("if it is another one, write Caracteristiques=Gemalto PC Twin 00 00")
    assert (second.line, second.action) == (36, "Plug the reader in, then look again")


def recorded(*slots: tuple[str, bytes]) -> list[PcscSlot]:
    """Slots as PC/SC lists them."""
    return [PcscSlot(number, name, atr, mute=False) for number, (name, atr) in enumerate(slots)]


@pytest.mark.parametrize(
    ("slots", "action"),
    [
        (
            recorded(("T 00 00", PS_ATR), ("T 00 02", LOG_SV_ATR)),
            "Use pcsc:1, or name there a slot of T 00",
        ),
        (recorded(("Gemalto 00 00", PS_ATR)), "Plug the reader in, then look again"),
        ([], "Plug the reader in, then look again"),
    ],
)
def test_the_answer_says_which_url_to_use(
    slots: list[PcscSlot], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str) -> None:
        raise PortUnavailable(f"no {url}")

    monkeypatch.setattr(named, "open_transport", refuse)
    monkeypatch.setattr(named, "list_slots", lambda: slots)
    with pytest.raises(SlotMissing, match=rf"galss-pcsc\.ini line 19: PC/SC has no slot {FIRST}") as caught:
        open_transport(f"galss:CPS?file={FILE}")
    assert caught.value.action == action
    assert caught.value.category is Category.LINK
    assert caught.value.ssv == GalssCode.PORT


def test_a_slot_that_is_there_leaves_the_answer_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_url: str) -> None:
        raise PortUnavailable("busy")

    monkeypatch.setattr(named, "open_transport", refuse)
    monkeypatch.setattr(named, "list_slots", lambda: recorded((FIRST, PS_ATR)))
    with pytest.raises(PortUnavailable, match="busy"):
        open_transport(f"galss:CPS?file={FILE}")


@pytest.mark.parametrize(
    ("before", "after", "line", "code"),
    [
        (f"Caracteristiques={FIRST}\n", "", 15, GalssCode.PORT),
        (f"={FIRST}", "=", 19, GalssCode.PORT),
        ("Index=1\n", "", 15, GalssCode.CHANNEL_KIND),
        ("Protocole=1", "Protocole=2", 18, GalssCode.PROTOCOL),
        ("NomLib=pcscosx.framework\n", "", 7, GalssCode.LIBRARY),
    ],
)
def test_mistakes_in_a_channel_have_their_codes(before: str, after: str, line: int, code: GalssCode) -> None:
    found = configuration(FILE.read_text().replace(before, after, 1).encode())
    assert [(each.line, each.code) for each in found.problems if not each.remark] == [(line, code)]


def test_serial_and_pcsc_channels_stand_beside_each_other() -> None:
    second = FILE.read_text().partition("[CANAL2]")[2]
    text = SAMPLE.replace("NbCanaux=1", "NbCanaux=2") + (
        "[PROTOCOLE1]\nConfig=0\nNomLib=PCSCW64.DLL\nListeCanaux=2\n[CANAL2]" + second
    )
    found = configuration(text.encode())
    assert found.problems == []
    assert [each.port for each in found.channels] == ["COM1", "PC/SC"]
    channel = found.find("TRANSPA2")
    assert channel is not None
    assert channel.url.startswith("pcsc:")
