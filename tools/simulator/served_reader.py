"""A simulated reader served by `tla sim` in a separate process, for software that opens a real port."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tla_sim.host.transport import open_transport
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.simulator.body import UnknownLink, keys_of
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.rules import Matched, Rule
from tla_sim.tools.simulator.control.waits import Waited
from tla_sim.tools.simulator.kept_reader import WORD_OF
from tla_sim.tools.simulator.served_screens import ServedScreens
from tla_sim.tools.simulator.served_snapshots import ServedSnapshots
from tla_sim.tools.simulator.serving_event import MAX_LINE, ServingEvent, parse_event

_PATIENCE: Final = 60.0
_STOP_SECONDS: Final = 10.0


class NotServed(TlaError):
    """`tla sim` ended instead of serving."""

    category = Category.LINK


class NotDone(TlaError):
    """The served reader could not carry out a line of the script."""

    category = Category.REFUSED


class ServedReader:
    """A reader served in real time until `close`. Raises NotServed.

    `arguments` are passed to `tla sim` in addition to `--json`; cards given by name have their files in the
    tray. Snapshots are files in a folder.
    """

    def __init__(self, arguments: Sequence[str], tray: CardTray, snapshots: Path) -> None:
        self._tray = tray
        self._snapshots = ServedSnapshots(snapshots, self.say)
        self._links: dict[str, str] = {}
        self._urls: list[str] = []
        self._screens = ServedScreens(self)
        self._serving = False
        self._done: dict[int, dict[str, Any]] = {}
        self._struck: list[str] = []
        self._complaints: list[str] = []
        self._told = 0
        self._changed = threading.Condition()
        self._speaking = threading.Lock()
        command = [
            sys.executable,
            "-m",
            "tla_sim.tools.cli.entry",
            "--lang",
            "en",
            "sim",
            "--json",
            "--record",
        ]
        self._process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="surrogateescape",
            env={**os.environ, "PYTHONIOENCODING": "utf-8:surrogateescape"},
        )
        # A reader that was never closed must not go on serving when this program ends.
        self._end = weakref.finalize(self, _end, self._process)
        self._listeners = [
            threading.Thread(target=listen, daemon=True) for listen in (self._hear, self._hear_complaints)
        ]
        for listener in self._listeners:
            listener.start()
        try:
            self._wait_for(lambda: self._serving)
        except BaseException:
            self.close()
            raise

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs that hosts open, in the order of the links."""
        return tuple(self._urls)

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines of the display, without trailing blanks."""
        return tuple(line.rstrip() for line in self._screens.now.lines)

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that have happened so far, in order."""
        return tuple(self._struck)

    def transport(self, link: str, baud: int | None) -> Transport:  # noqa: ARG002
        """Return a transport to the link of this name, by default the first.

        The speed is always the link's own. Raises UnknownLink, LinkError.
        """
        url = self._links.get(link, "") if link else next(iter(self._urls), "")
        if not url:
            raise UnknownLink(
                "The reader is not served on {link}",
                "Use {links}",
                link=link or "any link",
                links=", ".join(self._links),
            )
        return open_transport(url)

    def random(self, count: int) -> bytes:
        """Return `count` random bytes for a host."""
        return os.urandom(count)

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in. Raises UnknownCard, NotDone, NotServed."""
        path = card.absolute() if isinstance(card, Path) else self._tray.path(card).absolute()
        self.say(f"insert {WORD_OF[slot]} {shlex.quote(str(path))}")

    def remove(self, slot: Slot) -> None:
        """Take the card out, if there is one in the slot. Raises NotServed."""
        try:
            self.say(f"remove {WORD_OF[slot]}")
        except NotDone:
            return

    def press(self, *legends: str) -> None:
        """Press keys by their legends. Raises UnknownKey, NotServed."""
        for key in keys_of(legends):
            self.say(f"press {key.value}")

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of real time pass. Raises NotServed."""
        self._say(f"wait {ms}", _PATIENCE + ms / 1000)

    def power(self, on: bool) -> None:
        """Switch the reader on or off. Raises NotServed."""
        self.say(f"power {'on' if on else 'off'}")

    def cable(self, plugged: bool) -> None:
        """Unplug every cable, or plug them back in. Raises NotServed."""
        self.say(f"cable {'in' if plugged else 'out'}")

    def wait_for(self, condition: Condition, timeout_ms: int) -> Waited:
        """Wait in real time until a screen meets a condition. Raises ElsewhereOnly for an exchange."""
        return self._screens.wait_for(condition, timeout_ms)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were added."""
        return self._screens.rules

    def add_rule(self, rule: Rule) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule, which acts at once if the present screen meets it.

        Raises UnknownCard, TooManyRules, and ElsewhereOnly for one with a fault.
        """
        for _, name in rule.insert:
            self._tray.path(name)
        return self._screens.add_rule(rule)

    def remove_rule(self, number: int) -> None:
        """Remove a rule. Raises UnknownRule."""
        self._screens.remove_rule(number)

    def save(self, name: str) -> None:
        """Keep the present moment under a name."""
        self._snapshots.save(name)

    def restore(self, name: str) -> None:
        """Go to the moment that is kept under a name. Raises UnknownSnapshot."""
        self._snapshots.restore(name)

    @property
    def snapshots(self) -> tuple[str, ...]:
        """The names of the moments that are kept."""
        return self._snapshots.names

    def forget(self, name: str) -> None:
        """Forget a moment. Raises UnknownSnapshot."""
        self._snapshots.forget(name)

    def write_snapshot(self, name: str, path: Path) -> None:
        """Write a moment to a file. Raises UnknownSnapshot, SnapshotUnwritable."""
        self._snapshots.write(name, path)

    def read_snapshot(self, path: Path) -> str:
        """Keep the moment in a file and return its name. Raises SnapshotRefused."""
        return self._snapshots.read(path)

    def say(self, line: str) -> None:
        """Send a line of the visit script and wait until it is done. Raises NotDone, NotServed."""
        self._say(line, _PATIENCE)

    def _say(self, line: str, patience: float) -> None:
        assert self._process.stdin is not None
        if "\n" in line or "\r" in line or len(line) > MAX_LINE:
            # Answers are matched to lines by counting: a line cut in two would shift every later answer.
            raise NotDone("A line of the script is too long or has a line break", "Shorten what it names")
        # A rule may speak at the same time as the program that owns the reader.
        with self._speaking:
            self._told += 1
            number = self._told
            try:
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()
            except (OSError, ValueError):
                raise self._not_served() from None
        self._wait_for(lambda: number in self._done, patience)
        fields = self._done.pop(number)
        if "error" in fields:
            raise NotDone(str(fields["error"]), str(fields["action"]))

    def close(self) -> None:
        """Switch the reader off and end its process."""
        self._screens.close()
        self._end()
        for listener in self._listeners:
            listener.join(_STOP_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with suppress(OSError):  # the process is gone: unsent lines do not matter any more
                    stream.close()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = parse_event(line)
            if event is not None:
                with self._changed:
                    self._take(*event)
                    self._changed.notify_all()
        self._process.wait()
        with self._changed:
            self._changed.notify_all()

    def _hear_complaints(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._complaints.append(line.rstrip())

    def _take(self, event: ServingEvent, fields: dict[str, Any]) -> None:
        match event:
            case ServingEvent.LINK:
                self._links.setdefault(fields["link"], fields["url"])
                if fields["url"]:
                    self._urls.append(fields["url"])
            case ServingEvent.SERVING:
                self._serving = True
            case ServingEvent.SCREEN:
                first, second, third, fourth = fields["lines"]
                self._screens.show((first, second, third, fourth))
            case ServingEvent.STEP | ServingEvent.FAILED:
                self._done[fields["number"]] = fields
            case ServingEvent.FAULT:
                self._struck.append(fields["fault"])
            case _:
                pass

    def _wait_for(self, there: Callable[[], bool], patience: float = _PATIENCE) -> None:
        with self._changed:
            self._changed.wait_for(lambda: there() or self._process.poll() is not None, patience)
            if there():
                return
        raise self._not_served()

    def _not_served(self) -> NotServed:
        ended = self._process.poll() is not None
        if ended:
            self._listeners[1].join(_STOP_SECONDS)
        what = "The reader is not served" if ended else "The reader does not answer"
        for line in reversed(self._complaints):
            try:
                told = json.loads(line)
                return NotServed(
                    Sentence("{what}: {reason}", what=what, reason=told["error"]), told["action"]
                )
            except (ValueError, KeyError, TypeError):
                continue
        said = " ".join(self._complaints)[-300:] or "it said nothing"
        return NotServed("{what}: {said}", "Check its links and its state directory", what=what, said=said)


def _end(process: subprocess.Popen[str]) -> None:
    """Let the process switch its reader off; kill it if it does not end."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
