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
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.reader_fw.board.display import Screen, fold
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.serving_event import MAX_LINE
from tla_sim.tools.simulator.state_directory import SLOT_WORDS

MAX_WAIT_MS: Final = 7 * 24 * 3_600_000
MAX_LINES: Final = 100_000


class Stage(Protocol):
    """The reader that a script acts on, and the hands that it acts with."""

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""

    def insert(self, slot: Slot, path: Path) -> None:
        """Put a card into a slot."""

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
    """One checked line. `shown` is its text with every digit of a code hidden."""

    number: int
    word: str
    shown: str
    act: Callable[[Stage], tuple[str, ...]] = field(repr=False)
    card: Path | None = None


_Act = Callable[[Stage], "tuple[str, ...] | None"]


@dataclass(frozen=True)
class _Parsed:
    act: _Act
    shown: str
    card: Path | None = None


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
    name = name.strip()
    if name[:1] in ("'", '"'):
        try:
            parts = shlex.split(name)
        except ValueError:
            raise _Wrong(Sentence("a quotation mark is missing")) from None
        if len(parts) != 1:
            raise _Wrong(Sentence("one card file is expected"))
        name = parts[0]
    if not name or "\0" in name:
        raise _Wrong(Sentence("a card file is expected"))
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise _Wrong(Sentence("there is no such user")) from None
    return _Parsed(lambda stage: stage.insert(slot, path), f"{word.lower()} {name}", path)


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


def _code(rest: str) -> _Parsed:
    if not (rest.isascii() and rest.isdigit() and MIN_CODE <= len(rest) <= MAX_CODE):
        raise _Wrong(Sentence("a code porteur has {least} to {most} digits", least=MIN_CODE, most=MAX_CODE))
    keys = (*(_KEYS[digit] for digit in rest), Key.VAL)

    def act(stage: Stage) -> None:
        for key in keys:
            stage.press(key)

    return _Parsed(act, "*" * len(rest))


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


WORDS: Final = (
    Word(
        "insert",
        Sentence("cps|vitale FILE"),
        Sentence("Put a card into a slot. It stays in until it is removed."),
        _insert,
    ),
    Word("remove", "cps|vitale", Sentence("Take the card out of a slot."), _remove),
    Word("press", Sentence("KEY…"), Sentence("Press keys: 0 to 9, VAL, ANN, COR, UP, DOWN, MENU."), _press),
    Word(
        "code",
        Sentence("DIGITS"),
        Sentence("Type a code porteur and VAL. The digits are shown nowhere."),
        _code,
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
    if len(line) > MAX_LINE:
        raise ScriptError(
            number, Sentence("it is longer than {most} characters", most=MAX_LINE), Sentence("Shorten it")
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
    return Step(number, word.name, shown, lambda stage: parsed.act(stage) or (), parsed.card)


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


def carry_out(step: Step, stage: Stage) -> tuple[str, ...]:
    """Carry out one step and return the lines it prints.

    Raises ScriptFailed, with the screen, when the step fails or an expectation is missed.
    """
    try:
        return step.act(stage)
    except ExpectationMissed as missed:
        raise ScriptFailed(step.number, str(missed), stage.screen) from None
    except TlaError as error:
        raise ScriptFailed(step.number, error.message, stage.screen, error.action) from None
