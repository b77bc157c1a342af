"""The visit script: checked whole, done line by line, and silent about codes."""

from __future__ import annotations

import io
import re
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen, fold
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.visit.play import play, read_script
from tla_sim.tools.visit.script import (
    WORDS,
    ScriptError,
    ScriptFailed,
    Step,
    another_code,
    carry_out,
    help_lines,
    parse_line,
    parse_script,
)


class Hands:
    """A stage that writes down what is done on it."""

    def __init__(self, *lines: str) -> None:
        first, second, third, fourth = [fold(line).ljust(20) for line in (*lines, "", "", "", "")[:4]]
        self.screen: Screen = (first, second, third, fourth)
        self.done: list[object] = []

    def insert(self, slot: Slot, card: Path | str) -> None:
        self.done.append(("insert", slot, card))

    def remove(self, slot: Slot) -> None:
        self.done.append(("remove", slot))

    def press(self, key: Key) -> None:
        self.done.append(key)

    def wait(self, ms: int) -> None:
        self.done.append(ms)

    def power(self, on: bool) -> None:
        self.done.append(("power", on))

    def cable(self, plugged: bool) -> None:
        self.done.append(("cable", plugged))

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        self.done.append(("send", lad, apdu))
        return bytes.fromhex("6A88") if lad is Lad.VITALE else None

    def verify(self, code: str) -> None:
        self.done.append(("verify", code))

    def save(self, path: Path) -> None:
        self.done.append(("save", path))

    def restore(self, path: Path) -> None:
        self.done.append(("restore", path))

    def inject(self, plan: FaultPlan) -> None:
        self.done.append(("inject", str(plan)))

    def charge(self, percent: int) -> None:
        self.done.append(("charge", percent))

    def open_case(self) -> None:
        self.done.append("open")

    def describe(self) -> tuple[str, ...]:
        return ("power on",)


def step(text: str) -> Step:
    found = parse_line(text)
    assert found is not None
    return found


def done(text: str) -> list[object]:
    hands = Hands()
    carry_out(step(text), hands, lambda: "4711")
    return hands.done


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("insert cps /cards/cps maya.card", [("insert", Slot.PS, Path("/cards/cps maya.card"))]),
        ("insert VITALE 'v p.card'", [("insert", Slot.VITALE, Path("v p.card"))]),
        ('insert vitale "v\'p.card"', [("insert", Slot.VITALE, Path("v'p.card"))]),
        ("  remove   Cps  ", [("remove", Slot.PS)]),
        ("press val Down 0 HAUT", [Key.VAL, Key.DOWN, Key.DIGIT_0, Key.UP]),
        ("code 0042", [Key.DIGIT_0, Key.DIGIT_0, Key.DIGIT_4, Key.DIGIT_2, Key.VAL]),
        ("insert vitale MARTIN", [("insert", Slot.VITALE, "MARTIN")]),
        ("code", [Key.DIGIT_4, Key.DIGIT_7, Key.DIGIT_1, Key.DIGIT_1, Key.VAL]),
        ("code Wrong", [Key.DIGIT_4, Key.DIGIT_7, Key.DIGIT_1, Key.DIGIT_2, Key.VAL]),
        ("verify 0042", [("verify", "0042")]),
        ("verify", [("verify", "4711")]),
        ("verify wrong", [("verify", "4712")]),
        ("send log_sv 80 14 00 00 00", [("send", Lad.LOG_SV, bytes.fromhex("8014000000"))]),
        ("send cps 00a40000", [("send", Lad.PS, bytes.fromhex("00A40000"))]),
        ("wait 30000", [30_000]),
        ("fault reader.reset@5", [("inject", "seed=0,reader.reset@5:1")]),
        ("battery 20", [("charge", 20)]),
        ("tamper", ["open"]),
        ("power off", [("power", False)]),
        ("POWER on", [("power", True)]),
        ("cable in", [("cable", True)]),
        ("cable out", [("cable", False)]),
        ("save before it.snapshot", [("save", Path("before it.snapshot"))]),
        ("restore 'a b.snapshot'", [("restore", Path("a b.snapshot"))]),
        ("screen", []),
        ("show", []),
        ("help", []),
    ],
)
def test_each_word_does_what_its_help_says(line: str, expected: list[object]) -> None:
    assert done(line) == expected


def test_every_word_has_a_line_in_the_help_and_in_the_test_above() -> None:
    listed = help_lines()
    assert [line.split()[0] for line in listed] == [word.name for word in WORDS]
    assert all(word.help.endswith(".") for word in WORDS)


@pytest.mark.parametrize("line", ["", "   ", "# insert cps x", "\t#"])
def test_blank_lines_and_comments_do_nothing(line: str) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("insrt cps x", "'insrt' is not a word of the script.*insert, remove"),
        ("insert", "slot is cps or vitale.*insert cps.vitale CARD"),
        ("insert cpe x", "slot is cps or vitale"),
        ("insert cps", "card file is expected"),
        ("insert cps a\0b", "card file is expected"),
        ("insert cps ~no-such-user/x.card", "no such user"),
        ("insert cps 'x", "quotation mark is missing"),
        ("insert cps 'x' y", "one card file"),
        ("remove", "slot is cps or vitale"),
        ("press", "keys are"),
        ("press OK", "keys are"),
        ("verify x", "4 to 8 digits"),
        ("send", "log_sv, cps or vitale"),
        ("send log_sv 8014", "APDU in hex"),
        ("fault", "reader are expected|faults of a reader"),
        ("fault reader.melt@1", "melt"),
        ("fault host.kill@1", "faults of a reader"),
        ("battery 101", "0 to 100 per cent"),
        ("battery -1", "0 to 100 per cent"),
        ("tamper now", "nothing follows"),
        ("send log_sv 80 14 00 0", "APDU in hex"),
        ("code 123", "4 to 8 digits"),
        ("code 12 34", "4 to 8 digits"),
        ("code ١٢٣٤", "4 to 8 digits"),
        ("wait", "milliseconds"),
        ("wait -1", "milliseconds"),
        ("wait 1s", "milliseconds"),
        ("wait 9999999999", "milliseconds"),
        ("expect", "a text is expected"),
        ("power", "on or off"),
        ("cable up", "in or out"),
        ("screen now", "nothing follows"),
        ("press " + "VAL " * 2_000, "longer than"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_write(line: str, said: str) -> None:
    with pytest.raises(ScriptError, match=rf"line 7: .*{said}"):
        parse_line(line, 7)


def test_a_script_is_checked_to_its_end_before_anything_is_done() -> None:
    with pytest.raises(ScriptError, match="line 3:") as wrong:
        parse_script(["press VAL", "# comment", "pres VAL"])
    assert wrong.value.number == 3


@pytest.mark.parametrize("wanted", ["été à Évry", "ETE", "a evry", "ÉTÉ  À", "evry reste 2"])
def test_an_expectation_looks_past_capitals_accents_and_line_ends(wanted: str) -> None:
    hands = Hands("Été à Évry", "Reste 2 essais")
    assert carry_out(step(f"expect {wanted}"), hands) == ()


def test_a_missed_expectation_shows_the_screen_and_the_line() -> None:
    script = parse_script(["screen", "", "expect 3 signées"])
    with pytest.raises(ScriptFailed) as failed:
        list(play(script, Hands("2 FACTURES SIGNEES", "MAYA")))
    assert str(failed.value).splitlines()[:3] == [
        "line 3: expected '3 signées'; the screen showed",
        "  |2 FACTURES SIGNEES  |",
        "  |MAYA                |",
    ]
    assert failed.value.number == 3


def test_what_the_reader_refuses_ends_the_script_with_the_line() -> None:
    class Full(Hands):
        def insert(self, *_: object) -> None:
            raise TlaError("There is already a card", "Take it out first")

    with pytest.raises(ScriptFailed, match="line 1: There is already a card") as failed:
        carry_out(step("insert cps x"), Full("TLA 1.40"))
    assert "Take it out first" in str(failed.value)


def test_a_code_that_nobody_gives_is_missed_when_it_is_needed() -> None:
    steps = parse_script(["press VAL", "code", "verify"])
    assert [each.asks_code for each in steps] == [False, True, True]
    with pytest.raises(ScriptFailed, match="line 2: There is no code porteur to type"):
        list(play(steps, Hands()))


def test_the_answer_to_a_command_is_printed() -> None:
    assert carry_out(step("send vitale 00A40000"), Hands()) == ("answer 6A 88",)
    assert "waits for the code porteur" in carry_out(step("send log_sv 8024000000"), Hands())[0]


def test_a_code_inside_a_card_command_is_blanked() -> None:
    shown = step("send cps 00 20 00 01 08 31 32 33 34 FF FF FF FF").shown
    assert shown == "send cps 0020000108FFFFFFFFFFFFFFFF"


@given(st.text("0123456789", min_size=4, max_size=8))
def test_a_wrong_code_is_another_one_of_the_same_length(code: str) -> None:
    other = another_code(code)
    assert other != code
    assert len(other) == len(code)
    assert other.isdigit()


@given(st.text("0123456789", min_size=4, max_size=8))
def test_a_code_is_shown_nowhere(code: str) -> None:
    found = step(f"code {code}")
    assert found.shown == "code " + "*" * len(code)
    assert code not in repr(found)
    assert step("press " + " ".join(code)).shown == "press " + " ".join("*" * len(code))


@pytest.mark.parametrize(
    "line", ["cdoe 7391", "code 7391x", "code: 7391", "7391", "code7391", "press 7391", "code 7391 7391"]
)
def test_a_mistyped_code_is_not_repeated_in_the_error(line: str) -> None:
    with pytest.raises(ScriptError) as wrong:
        parse_line(line)
    assert "7391" not in "".join(traceback.format_exception_only(wrong.value))
    assert "7391" not in repr(wrong.value)


@given(st.text(max_size=80))
def test_no_line_raises_anything_else(line: str) -> None:
    try:
        found = parse_line(line)
    except ScriptError:
        return
    written = line.strip()
    if found is None:
        assert written == "" or written[0] == "#"
    else:
        assert found.word == written.split()[0].lower()
        assert found.word in {word.name for word in WORDS}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_a_script_file_is_text_of_any_editor_with_any_line_ends(codec: str) -> None:
    steps = read_script(io.BytesIO("expect été\r\n\r\npress VAL".encode(codec)))
    assert [(each.number, each.shown) for each in steps] == [(1, "expect été"), (3, "press VAL")]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("screen\nexpect été".encode("cp850"), "line 2: the script holds byte 82 .* neither UTF-8"),
        ("screen\nexpect été".encode("utf-16")[:-1], "line 2: the script holds UTF-16 that breaks off"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 0: the script holds a PNG image"),
        (b"# x\n" * 1_100_000, "longer than 4 MiB"),
        (b"\n" * 100_001, "line 100001: a script has at most"),
        (b"screen\ninsert cps /no/such.card", "line 2: /no/such.card: no such file"),
        (b"screen\ninsert cps NOBODY", "line 2: Nobody of the practice is called NOBODY"),
        (b"screen\ninsert cps /etc/passwd", "line 2: /etc/passwd: This is not a card"),
    ],
)
def test_a_script_file_that_cannot_be_played_is_refused_whole(raw: bytes, said: str) -> None:
    with pytest.raises(ScriptError, match=said):
        read_script(io.BytesIO(raw))


@pytest.mark.parametrize("line", ["code 123456789", "code 12a45678", "12345678"])
def test_a_mistyped_code_is_no_value_of_the_error(line: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_line(line)
    said = caught.value.message
    assert isinstance(said, Sentence)
    assert not re.search("1234|5678", repr((said.values, vars(caught.value), caught.value.args)))
