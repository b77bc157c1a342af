"""A reader that lives in a directory: what lasts when programs come and go, and what `state:` opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.simulator.kept_kit import SMALL, client_of, issue, make_reader, push_all
from tla_sim.host.transport import BadUrl, open_transport
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import ReaderHeld, StatusError, TlaError
from tla_sim.reader_fw.app.software.boot_area import BOOT_SECTORS
from tla_sim.reader_fw.board.flash import SECTOR_SIZE
from tla_sim.reader_fw.board.slots import Slot, SlotOccupied
from tla_sim.reader_fw.cards.image import CardImageCorrupted
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.cast.people import MORNING, NURSE
from tla_sim.tools.simulator.kept_reader import CardFileUnreadable, KeptReader, wall_clock_ms
from tla_sim.tools.simulator.state_directory import StateDamaged
from tla_sim.tools.simulator.state_transport import open_state
from tla_sim.tools.visit.kept_stage import KeptStage
from tla_sim.tools.visit.play import play
from tla_sim.tools.visit.script import ScriptFailed, parse_script


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    return issue(tmp_path / "the cards")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_reader(tmp_path / "the reader")


def visit(home: Path, *lines: str) -> str:
    """One power cycle of the reader with a script; the last screen."""
    with KeptReader.open(home) as kept:
        kept.reader.power_on()
        stage = KeptStage(kept)
        for _ in play(parse_script(lines), stage):
            pass
        return " ".join("\n".join(stage.screen).split())


def test_a_round_survives_a_power_cut_at_every_pause(home: Path, cards: Path) -> None:
    with open_state(f"state:{home}") as transport:
        push_all(client_of(transport))

    visit(home, "expect a certifier 2", f"insert vitale {cards}/vitale-martin-paul.card", "expect martin")
    visit(home, "expect martin", f"insert cps {cards}/cps-piqure2969-maya.card", "power off", "power on")
    visit(home, "press VAL", "expect code porteur", "power off", "screen", "power on", "expect certifier")
    visit(
        home, "press VAL", "code 9999", "expect reste 2 essais", "press VAL", "code 1234", "expect 2 factures"
    )
    visit(home, "remove vitale", "remove cps", "expect a certifier 0")

    with open_state(f"state:{home}?cps={cards}/cps-piqure2969-maya.card") as transport:
        client = client_of(transport)
        states = {each.id.owner: each.state for each in client.list_documents()}
        assert states == {NURSE: InvoiceState.COMPLETE, "75100002": InvoiceState.PARTIAL}
        assert client.verify_code("1234").serial


def test_a_wrong_code_counts_on_the_card_across_programs(home: Path, cards: Path) -> None:
    with open_state(f"state:{home}") as transport:
        push_all(client_of(transport))
    card = cards / "cps-piqure2969-maya.card"
    visit(home, f"insert vitale {cards}/vitale-martin-paul.card", f"insert cps {card}")
    for left in (2, 1):
        visit(home, "press VAL", "code 9999", f"expect reste {left} essai")
        code = load_image(card).code
        assert code is not None
        assert code.tries_left == left
    visit(home, "press VAL", "code 9999", "expect carte ps bloquee")
    visit(home, "press VAL", "expect carte bloquee")


def test_cards_stay_in_the_slots_until_they_are_taken_out(home: Path, cards: Path) -> None:
    card = cards / "vitale-martin-paul.card"
    with KeptReader.open(home) as kept:
        kept.insert(Slot.VITALE, card)
    with KeptReader.open(home) as kept:
        assert kept.cards == {Slot.VITALE: card}
        with pytest.raises(SlotOccupied, match="already a card in the VITALE slot"):
            kept.insert(Slot.VITALE, cards / "vitale-martin-paul.card")
        assert kept.remove(Slot.VITALE) == card
        assert kept.remove(Slot.VITALE) is None
    with KeptReader.open(home) as kept:
        assert kept.cards == {}


def test_a_card_deleted_from_the_disk_leaves_its_slot_empty(home: Path, cards: Path) -> None:
    with KeptReader.open(home) as kept:
        kept.insert(Slot.PS, cards / "cpe-accueil-anne.card")
    (cards / "cpe-accueil-anne.card").unlink()
    with KeptReader.open(home) as kept:
        assert kept.gone == {Slot.PS: cards / "cpe-accueil-anne.card"}
        kept.insert(Slot.PS, cards / "cps-toubib-paul.card")
    with KeptReader.open(home) as kept:
        assert kept.cards == {Slot.PS: cards / "cps-toubib-paul.card"}


def test_one_card_is_in_one_slot_only(home: Path, cards: Path) -> None:
    with KeptReader.open(home) as kept:
        kept.insert(Slot.PS, cards / "cps-toubib-paul.card")
        with pytest.raises(SlotOccupied, match="is in the PS slot"):
            kept.insert(Slot.VITALE, cards / "cps-toubib-paul.card")


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (Path.unlink, CardFileUnreadable, "no such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), CardImageCorrupted, "damaged"),
    ],
)
def test_a_card_that_cannot_be_read_is_not_inserted(
    home: Path, cards: Path, spoil: Callable[[Path], object], error: type[TlaError], said: str
) -> None:
    spoil(cards / "cps-toubib-paul.card")
    with KeptReader.open(home) as kept:
        with pytest.raises(error, match=said):
            kept.insert(Slot.PS, cards / "cps-toubib-paul.card")
        assert kept.cards == {}


@pytest.mark.parametrize("start", [0, BOOT_SECTORS * SECTOR_SIZE])
def test_a_flash_that_nothing_starts_from_is_refused_with_what_to_do(home: Path, start: int) -> None:
    (home / "flash.check").unlink()
    damaged = bytearray((home / "flash.bin").read_bytes())
    damaged[start:SMALL] = bytes(SMALL - start)
    (home / "flash.bin").write_bytes(damaged)
    with pytest.raises(StateDamaged, match="does not start") as refused:
        open_state(f"state:{home}")
    assert refused.value.action == "Restore the directory from a copy, or name a new one"
    assert (home / "flash.bin").read_bytes() == damaged


def test_the_same_seed_on_the_same_flash_draws_the_same_bytes(home: Path) -> None:
    drawn = []
    for _ in range(2):
        with KeptReader.open(home, seed=3) as kept:
            drawn.append(kept.entropy.take(16))
    assert drawn[0] == drawn[1]
    with KeptReader.open(home, seed=4) as kept:
        assert kept.entropy.take(16) != drawn[0]


def test_a_seed_never_draws_a_nonce_twice_once_something_was_written(home: Path) -> None:
    drawn = set()
    for _ in range(3):
        with KeptReader.open(home, seed=3) as kept:
            drawn.add(kept.entropy.take(12))
            kept.reader.power_on()
    assert len(drawn) == 3


def test_without_a_seed_bytes_never_repeat(home: Path) -> None:
    drawn = set()
    for _ in range(2):
        with KeptReader.open(home) as kept:
            drawn.add(kept.entropy.take(16))
    assert len(drawn) == 2


def test_the_reader_starts_at_this_machines_local_time(tmp_path: Path) -> None:
    before = wall_clock_ms()
    with KeptReader.open(tmp_path / "new", flash_bytes=SMALL) as kept:
        kept.reader.power_on()
        assert before <= kept.reader.app.moment() <= wall_clock_ms()


def test_a_clock_that_was_set_goes_on_from_there(home: Path) -> None:
    with KeptReader.open(home, clock_ms=wall_clock_ms() + 60_000) as kept:
        kept.reader.power_on()
        assert 60_000 <= kept.reader.app.moment() - MORNING < 120_000


def test_a_reader_in_use_is_held_for_the_host_too(home: Path) -> None:
    with KeptReader.open(home), pytest.raises(ReaderHeld, match="held by another application"):
        open_state(f"state:{home}")


def test_the_slots_of_a_url_go_for_one_connection(home: Path, cards: Path) -> None:
    left, other = cards / "cps-toubib-paul.card", cards / "cps-piqure2969-maya.card"
    with KeptReader.open(home) as kept:
        kept.insert(Slot.PS, left)

    def holder(url: str) -> bytes | Status | None:
        with open_state(url) as transport:
            try:
                return client_of(transport).read_ps_card().groups
            except StatusError as error:
                return error.status

    doctor = holder(f"state:{home}")
    assert isinstance(doctor, bytes)
    assert b"TOUBIB" in doctor
    nurse = holder(f"state:{home}?vitale=&cps={other}")
    assert isinstance(nurse, bytes)
    assert b"PIQURE2969" in nurse
    assert holder(f"state:{home}?cps=") is Status.PS_CARD_ABSENT
    assert holder(f"state:{home}") == doctor


def test_a_url_may_name_any_path(tmp_path: Path) -> None:
    home = make_reader(tmp_path / "what? 100% & more")
    written = str(home).replace("%", "%25").replace("?", "%3F")
    with open_transport(f"state:{written}?seed=12") as transport:
        assert client_of(transport).identify().serial_number


@pytest.mark.parametrize(
    "url",
    [
        "state:",
        "state:?seed=1",
        "state:x?slot=1",
        "state:x?seed=-1",
        "state:x?cps",
        "state:x?",
        "state:%00",
        "state:~nobody-here/x",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_before_anything_is_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadUrl):
        open_state(url)
    assert list(tmp_path.iterdir()) == []


def test_keys_and_waiting_take_time_and_nothing_else_does(home: Path, cards: Path) -> None:
    with KeptReader.open(home) as kept:
        kept.reader.power_on()
        stage, clock = KeptStage(kept), kept.reader.board.clock
        start = clock.now_ms
        script = ["wait 3600000", f"insert vitale {cards}/vitale-martin-paul.card", "screen", "show"]
        list(play(parse_script(script), stage))
        assert clock.now_ms == start + 3_600_000
        list(play(parse_script(["press VAL"]), stage))
        assert clock.now_ms > start + 3_600_000


def test_show_tells_the_switch_the_clock_the_slots_and_the_cable(home: Path, cards: Path) -> None:
    with KeptReader.open(home, clock_ms=0) as kept:
        stage = KeptStage(kept)
        script = [f"insert vitale {cards}/vitale-martin-paul.card", "show", "power on", "cable in", "show"]
        off, on = (each.said for each in play(parse_script(script), stage) if each.step.word == "show")
        assert off[0].split() == ["power", "off"]
        assert on[0].split() == ["power", "on"]
        assert f"vitale  {cards}/vitale-martin-paul.card" in off
        assert "cps     no card" in off
        assert (off[-1].split()[1], on[-1].split()[1]) == ("out", "in")
        assert stage.screen[0].strip() == "ATTENTE ORDRE"


def test_taking_out_what_is_not_there_ends_a_script(home: Path) -> None:
    with pytest.raises(ScriptFailed, match="line 1: There is no card in the cps slot"):
        visit(home, "remove cps")


def test_the_cable_out_and_in_again_is_a_visit_in_between(home: Path) -> None:
    assert visit(home, "cable in", "expect attente ordre", "cable in", "cable out", "cable out").startswith(
        "TLA 1.40"
    )


def test_a_url_may_begin_at_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make_reader(tmp_path / "reader")
    monkeypatch.chdir("/")
    with open_state("state:~/reader") as transport:
        assert client_of(transport).identify().serial_number
