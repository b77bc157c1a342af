"""The visit script: a person's actions on the reader during a visit, one per line. Project-defined.

Every word of the language is declared once, in `WORDS`: its arguments, its help, how its lines are checked,
and what it does. A line is a word and its arguments; blank lines and lines starting with `#` are ignored. A
code porteur, and any digit key, is displayed as `*`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from tla_sim.protocol.code_format import MAX_CODE, MIN_CODE
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.protocol.trace import blank_code
from tla_sim.reader_fw.board.display import Screen, fold
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.faults.kinds import Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.serving_event import MAX_LINE
from tla_sim.tools.simulator.state_directory import SLOT_WORDS

MAX_WAIT_MS: Final = 7 * 24 * 3_600_000
MAX_LINES: Final = 100_000
MAX_SENT: Final = 200_000
"""Most characters of a line that sends a command, the longest of which have 65,544 bytes."""
WRONG: Final = "wrong"
RESTORE: Final = "restore"
_SHORTEST_APDU: Final = 4
_FULL: Final = 100


class Stage(Protocol):
    """The reader that a script acts on, and the hands that it acts with."""

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""

    def insert(self, slot: Slot, card: Path | str) -> None:
        """Put a card into a slot: the file, or the card of somebody with this last name."""

    def remove(self, slot: Slot) -> None:
        """Take a card out. Raises TlaError when there is none."""

    def press(self, key: Key) -> None:
        """Press a key."""

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""

    def power(self, on: bool) -> None:
        """Switch the reader on or off."""

    def cable(self, plugged: bool) -> None:
        """Plug the cable in, or unplug it."""

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        """Send a command from a host at the cable; `None` while it waits for a code. Raises TlaError."""

    def verify(self, code: str) -> None:
        """Verify a code porteur, as a host at the cable does. Raises TlaError."""

    def save(self, path: Path) -> None:
        """Write a snapshot of the reader as it is now to a file. Raises TlaError."""

    def restore(self, path: Path) -> None:
        """Have the reader be as in the snapshot in a file. Raises TlaError."""

    def inject(self, plan: FaultPlan) -> None:
        """Have the faults of a plan strike, counted from now. Raises TlaError."""

    def charge(self, percent: int) -> None:
        """Set the charge of the battery. Raises TlaError."""

    def open_case(self) -> None:
        """Open the reader's case. Raises TlaError."""

    def describe(self) -> tuple[str, ...]:
        """Return the state of the reader apart from its screen, as lines."""


class ScriptError(TlaError):
    """The script is wrong, and none of it was carried out. `number` is the line, from 1."""

    category = Category.BAD_INPUT

    def __init__(self, number: int, problem: str, action: str) -> None:
        super().__init__("line {number}: {problem}", action, number=number, problem=problem)
        self.number = number
        self.problem = problem


class ScriptFailed(TlaError):
    """A line of the script failed.

    `number` is the line, from 1, `problem` the failure, `screen` the reader's screen at that moment.
    """

    category = Category.REFUSED

    def __init__(self, number: int, problem: str, screen: Screen, action: str = "") -> None:
        shown = "\n".join(f"  |{line}|" for line in screen)
        super().__init__(
            "line {number}: {problem}; the screen showed\n{shown}",
            action,
            number=number,
            problem=problem,
            shown=shown,
        )
        self.number = number
        self.problem = problem
        self.screen = screen

    @property
    def told(self) -> Sentence:
        """Message and action on lines of their own: no full stop belongs behind the screen's frame."""
        return Joined("\n", (self.message, self.action)) if self.action else self.message


class _Wrong(Exception):
    """The arguments of a word are wrong; the message says how."""


class ExpectationMissed(Exception):
    """The screen does not show what the script expects."""


@dataclass(frozen=True)
class Step:
    """One checked line. `shown` is its text with every digit of a code hidden.

    `card` is the file or the last name of the card that it inserts; `asks_code` says whether it needs a code
    that the script leaves out.
    """

    number: int
    word: str
    shown: str
    act: Callable[[Stage, AskCode], tuple[str, ...]] = field(repr=False)
    card: Path | str | None = None
    asks_code: bool = False


AskCode = Callable[[], str]
"""Returns the code porteur that a script leaves out. Raises TlaError when there is none."""

_Act = Callable[[Stage], "tuple[str, ...] | None"]
_ActWithCode = Callable[[Stage, str], None]


@dataclass(frozen=True)
class _Parsed:
    act: _Act
    shown: str
    card: Path | str | None = None
    with_code: _ActWithCode | None = None


@dataclass(frozen=True)
class Word:
    """One word of the language. `parse` takes the rest of the line and raises _Wrong."""

    name: str
    arguments: str
    help: str
    parse: Callable[[str], _Parsed] = field(repr=False)

    @property
    def usage(self) -> str:
        """The word with its arguments."""
        if not self.arguments:
            return self.name
        return Sentence("{word} {arguments}", word=self.name, arguments=self.arguments)


def _slot(text: str) -> Slot:
    slot = SLOT_WORDS.get(text.lower())
    if slot is None:
        raise _Wrong(Sentence("the slot is cps or vitale"))
    return slot


def _insert(rest: str) -> _Parsed:
    word, _, name = rest.partition(" ")
    slot = _slot(word)
    name = _unquoted(name.strip(), Sentence("one card file is expected"))
    if not name or "\0" in name:
        raise _Wrong(Sentence("a card file is expected"))
    path = _path(name)
    card = path if _means_a_file(path) else name
    return _Parsed(lambda stage: stage.insert(slot, card), f"{word.lower()} {name}", card)


def _unquoted(name: str, one: str) -> str:
    """Return a name without the quotation marks around it; `one` is what is wrong with several."""
    if name[:1] in ("'", '"'):
        try:
            parts = shlex.split(name)
        except ValueError:
            raise _Wrong(Sentence("a quotation mark is missing")) from None
        if len(parts) != 1:
            raise _Wrong(one)
        return parts[0]
    return name


def _path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise _Wrong(Sentence("there is no such user")) from None


def _with_file(act: Callable[[Stage, Path], None]) -> Callable[[str], _Parsed]:
    """Parse a word that a file follows."""

    def parse(rest: str) -> _Parsed:
        name = _unquoted(rest, Sentence("one file is expected"))
        if not name or "\0" in name:
            raise _Wrong(Sentence("a file is expected"))
        path = _path(name)
        return _Parsed(lambda stage: act(stage, path), name)

    return parse


def _means_a_file(path: Path) -> bool:
    """Return whether a card is named by its file, and not by its holder's last name."""
    return bool(path.suffix) or len(path.parts) > 1 or path.exists()


def _remove(rest: str) -> _Parsed:
    slot = _slot(rest)
    return _Parsed(lambda stage: stage.remove(slot), rest.lower())


_KEYS: Final = {key.value: key for key in Key} | {"HAUT": Key.UP, "BAS": Key.DOWN}


def _press(rest: str) -> _Parsed:
    keys = [_KEYS.get(name.upper()) for name in rest.split()]
    known = [key for key in keys if key is not None]
    if not keys or len(known) != len(keys):
        raise _Wrong(Sentence("keys are 0 to 9, VAL, ANN, COR, UP, DOWN and MENU, with blanks between"))

    def act(stage: Stage) -> None:
        for key in known:
            stage.press(key)

    return _Parsed(act, " ".join("*" if key.digit else key.value for key in known))


def _with_code(act: _ActWithCode) -> Callable[[str], _Parsed]:
    """Parse a word whose code porteur follows it, is asked for, or (`wrong`) is another one than that."""

    def parse(rest: str) -> _Parsed:
        if not rest:
            return _Parsed(_nothing, "", with_code=act)
        if rest.lower() == WRONG:
            return _Parsed(_nothing, WRONG, with_code=lambda stage, code: act(stage, another_code(code)))
        if not (rest.isascii() and rest.isdigit() and MIN_CODE <= len(rest) <= MAX_CODE):
            raise _Wrong(
                Sentence("a code porteur has {least} to {most} digits", least=MIN_CODE, most=MAX_CODE)
            )
        return _Parsed(lambda stage: act(stage, rest), "*" * len(rest))

    return parse


def _nothing(_stage: Stage) -> None:
    """Stand in for what needs a code."""


def another_code(code: str) -> str:
    """Return a code porteur of the same length that differs from `code`."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def _type_code(stage: Stage, code: str) -> None:
    for digit in code:
        stage.press(_KEYS[digit])
    stage.press(Key.VAL)


def _verify(stage: Stage, code: str) -> None:
    stage.verify(code)


_LADS: Final = {"log_sv": Lad.LOG_SV, **{word: Lad[slot.name] for word, slot in SLOT_WORDS.items()}}


def _send(rest: str) -> _Parsed:
    to, _, digits = rest.partition(" ")
    lad = _LADS.get(to.lower())
    if lad is None:
        raise _Wrong(Sentence("a command goes to log_sv, cps or vitale"))
    try:
        apdu = bytes.fromhex(digits)
    except ValueError:
        apdu = b""
    if len(apdu) < _SHORTEST_APDU:
        raise _Wrong(Sentence("a command APDU in hex is expected"))

    def act(stage: Stage) -> tuple[str, ...]:
        answer = stage.send(lad, apdu)
        if answer is None:
            return (Sentence("the reader waits for the code porteur at its keypad"),)
        return (Sentence("answer {hex}", hex=answer.hex(" ").upper()),)

    return _Parsed(act, f"{to.lower()} {blank_code(lad, apdu).hex().upper()}")


def _wait(rest: str) -> _Parsed:
    if not (rest.isascii() and rest.isdigit() and len(rest) <= 9 and int(rest) <= MAX_WAIT_MS):
        raise _Wrong(
            Sentence("a number of milliseconds up to {max_wait_ms} is expected", max_wait_ms=MAX_WAIT_MS)
        )
    ms = int(rest)
    return _Parsed(lambda stage: stage.wait(ms), rest)


def _expect(rest: str) -> _Parsed:
    wanted = _squeeze(rest)
    if not wanted:
        raise _Wrong(Sentence("a text is expected"))

    def act(stage: Stage) -> None:
        if wanted not in _squeeze(" ".join(stage.screen)):
            raise ExpectationMissed(Sentence("expected {rest!r}", rest=rest))

    return _Parsed(act, rest)


def _squeeze(text: str) -> str:
    return " ".join(fold(text).split())


def _either(yes: str, no: str, act: Callable[[Stage, bool], None]) -> Callable[[str], _Parsed]:
    def parse(rest: str) -> _Parsed:
        choice = rest.lower()
        if choice not in (yes, no):
            raise _Wrong(Sentence("{yes} or {no} is expected", yes=yes, no=no))
        return _Parsed(lambda stage: act(stage, choice == yes), choice)

    return parse


def _alone(act: _Act) -> Callable[[str], _Parsed]:
    def parse(rest: str) -> _Parsed:
        if rest:
            raise _Wrong(Sentence("nothing follows this word"))
        return _Parsed(act, "")

    return parse


def _fault(rest: str) -> _Parsed:
    try:
        plan = FaultPlan.parse(rest)
    except TlaError as error:
        raise _Wrong(error.message) from None
    if not plan.faults or plan.of(Where.HOST).faults:
        raise _Wrong(Sentence("a plan of faults of a reader is expected"))
    return _Parsed(lambda stage: stage.inject(plan), str(plan))


def _battery(rest: str) -> _Parsed:
    if not (rest.isascii() and rest.isdigit() and len(rest) <= 3 and int(rest) <= _FULL):
        raise _Wrong(Sentence("a charge of 0 to 100 per cent is expected"))
    return _Parsed(lambda stage: stage.charge(int(rest)), rest)


WORDS: Final = (
    Word(
        "insert",
        Sentence("cps|vitale CARD"),
        Sentence("Put a card into a slot, by its file or its holder's last name. It stays in."),
        _insert,
    ),
    Word("remove", "cps|vitale", Sentence("Take the card out of a slot."), _remove),
    Word("press", Sentence("KEY…"), Sentence("Press keys: 0 to 9, VAL, ANN, COR, UP, DOWN, MENU."), _press),
    Word(
        "code",
        Sentence("[DIGITS|wrong]"),
        Sentence("Type a code porteur and VAL. Without digits it is asked for. It is shown nowhere."),
        _with_code(_type_code),
    ),
    Word("wait", "MS", Sentence("Let milliseconds pass."), _wait),
    Word(
        "expect",
        Sentence("TEXT"),
        Sentence(
            "Fail unless the screen shows the text; capitals, accents and line ends make no difference."
        ),
        _expect,
    ),
    Word(
        "power",
        "on|off",
        Sentence("Use the switch. Off is a power cut: only what is in the flash remains."),
        _either("on", "off", lambda stage, on: stage.power(on)),
    ),
    Word(
        "cable",
        "in|out",
        Sentence("Plug the cable in or out. Without a cable the reader is on a visit."),
        _either("in", "out", lambda stage, plugged: stage.cable(plugged)),
    ),
    Word(
        "send",
        Sentence("log_sv|cps|vitale HEX"),
        Sentence("Send a command APDU from a host at the cable."),
        _send,
    ),
    Word(
        "verify",
        Sentence("[DIGITS|wrong]"),
        Sentence("Verify a code porteur, as a host at the cable does."),
        _with_code(_verify),
    ),
    Word(
        "save",
        Sentence("FILE"),
        Sentence("Write a snapshot of the reader as it is now. The file holds its test keys."),
        _with_file(lambda stage, path: stage.save(path)),
    ),
    Word(
        RESTORE,
        Sentence("FILE"),
        Sentence("Have the reader be again as it was when the snapshot was taken."),
        _with_file(lambda stage, path: stage.restore(path)),
    ),
    Word(
        "fault",
        Sentence("PLAN"),
        Sentence("Have the faults of a plan strike, counted from now, such as reader.reset@0."),
        _fault,
    ),
    Word("battery", Sentence("PERCENT"), Sentence("Set the charge of the battery."), _battery),
    Word(
        "tamper",
        "",
        Sentence("Open the reader's case, which it never forgets."),
        _alone(lambda stage: stage.open_case()),
    ),
    Word("screen", "", Sentence("Show the screen."), _alone(lambda _stage: None)),
    Word(
        "show",
        "",
        Sentence("Show the switch, the cable, the clock and what is in the slots."),
        _alone(lambda stage: stage.describe()),
    ),
    Word("help", "", Sentence("Show these words."), _alone(lambda _stage: help_lines())),
)
"""All words of the language, in the order of `help`."""

_BY_NAME: Final = {word.name: word for word in WORDS}


def help_lines() -> tuple[str, ...]:
    """Return the table of words, a line each."""
    return tuple(Sentence("{usage:<22}  {help}", usage=word.usage, help=word.help) for word in WORDS)


def parse_line(text: str, number: int = 1) -> Step | None:
    """Return the step of one line, `None` for a blank line or a comment.

    Raises ScriptError, whose message never shows digits.
    """
    line = text.strip()
    if not line or line.startswith("#"):
        return None
    # Nothing of a line that is far too long is copied.
    sending = line[:5].lower().startswith("send") and len(line) <= MAX_SENT
    most = MAX_SENT if sending else MAX_LINE
    if len(line) > most:
        raise ScriptError(
            number, Sentence("it is longer than {most} characters", most=most), Sentence("Shorten it")
        )
    name, *rest = line.split(maxsplit=1)
    word = _BY_NAME.get(name.lower())
    if word is None:
        # Only letters may appear in the message: digits may be a code porteur that lost its word.
        what = (
            Sentence("{name!r} is not a word of the script", name=name)
            if name.isalpha()
            else Sentence("it does not begin with a word")
        )
        raise ScriptError(number, what, Sentence("The words are {words}", words=", ".join(_BY_NAME)))
    try:
        parsed = word.parse(rest[0].strip() if rest else "")
    except _Wrong as wrong:
        raise ScriptError(
            number,
            Sentence("{word}: {wrong}", word=word.name, wrong=str(wrong)),
            Sentence("Write {usage}", usage=word.usage),
        ) from None
    shown = f"{word.name} {parsed.shown}".rstrip()
    return Step(number, word.name, shown, _acting(parsed), parsed.card, parsed.with_code is not None)


def _acting(parsed: _Parsed) -> Callable[[Stage, AskCode], tuple[str, ...]]:
    def act(stage: Stage, ask: AskCode) -> tuple[str, ...]:
        if parsed.with_code is not None:
            parsed.with_code(stage, ask())
            return ()
        return parsed.act(stage) or ()

    return act


def parse_script(lines: Iterable[str]) -> tuple[Step, ...]:
    """Return all steps of a script, checked before any is carried out. Raises ScriptError with the line."""
    steps = []
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES:
            raise ScriptError(
                number, Sentence("a script has at most {most} lines", most=MAX_LINES), "Split it"
            )
        step = parse_line(line, number)
        if step is not None:
            steps.append(step)
    return tuple(steps)


class NoCode(TlaError):
    """The script leaves the code porteur out, and nobody gives it."""

    category = Category.BAD_INPUT


def no_code() -> str:
    """Raise NoCode."""
    raise NoCode("There is no code porteur to type", "Write its digits behind the word")


def carry_out(step: Step, stage: Stage, ask: AskCode = no_code) -> tuple[str, ...]:
    """Carry out one step and return the lines it prints. `ask` gives the code that the script leaves out.

    Raises ScriptFailed, with the screen, when the step fails or an expectation is missed.
    """
    try:
        return step.act(stage, ask)
    except ExpectationMissed as missed:
        raise ScriptFailed(step.number, str(missed), stage.screen) from None
    except TlaError as error:
        raise ScriptFailed(step.number, error.message, stage.screen, error.action) from None
