"""Commands that wait for a code at the keypad, beside the keys that answer them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tla_sim.tools.web.session_text.session import CodeTyped, Pressed, Sent, SessionStep, Shown, Waited

_GIVES_UP = "ANN"


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that waits for a code, and the keys that are pressed as soon as the reader asks for it."""

    sent: Sent
    pressed: tuple[Pressed | CodeTyped, ...]


def answered_at_once(steps: Iterable[SessionStep]) -> Iterator[SessionStep | Asked]:
    """Yield the steps, with the keys that a command waits for beside the command.

    Who does one thing at a time has to have them ready before. What time passed until then passes before the
    command; what was shown meanwhile is left out. A command that nobody answered is a step as it was.
    """
    ahead = deque(steps)
    while ahead:
        step = ahead.popleft()
        if not (isinstance(step, Sent) and step.at_keypad):
            yield step
            continue
        pressed, taken, ms = _answer(ahead)
        if not pressed:
            yield step
            continue
        for _ in range(taken):
            ahead.popleft()
        if ms:
            yield Waited(ms)
        yield Asked(step, pressed)


def _answer(ahead: Iterable[SessionStep]) -> tuple[tuple[Pressed | CodeTyped, ...], int, int]:
    """Return the keys that answer a command, how many steps those are, and the ms that passed in them."""
    pressed: list[Pressed | CodeTyped] = []
    taken = ms = waited = 0
    for number, step in enumerate(ahead, 1):
        match step:
            case Waited(more):
                waited += more
            case Pressed() | CodeTyped():
                pressed.append(step)
                taken, ms = number, ms + waited
                waited = 0
                if isinstance(step, CodeTyped) or _GIVES_UP in step.legends:
                    break
            case Shown():
                pass
            case _:
                break
    return tuple(pressed), taken, ms
