"""Find the readers that run, and the one that a URL means."""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.live.announcement import DESCRIBE, LONGEST_ANSWER, Announcement, Question
from tla_sim.tools.capture.live.meeting_folder import meeting_folder, refuses, sockets, sweep

PATIENCE: Final = 1.0
"""The seconds in which a running reader answers, or is left out."""
_LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


class NoRunningReader(TlaError, LookupError):
    """No reader runs that could be followed, or none that the URL means."""

    category = Category.BAD_INPUT


class SeveralRunningReaders(TlaError, LookupError):
    """Several running readers are meant."""

    category = Category.BAD_INPUT

    def __init__(self, message: str, action: str, running: Sequence[Running]) -> None:
        super().__init__(message, action)
        self.running = tuple(running)

    @property
    def details(self) -> tuple[str, ...]:
        """One line for each of them."""
        return tuple(
            Sentence("  {name}: {program}, process {pid}", name=each.name, program=each.program, pid=each.pid)
            if not each.address
            else Sentence(
                "  {name}: {address} ({program}, process {pid})",
                name=each.name,
                address=each.address,
                program=each.program,
                pid=each.pid,
            )
            for each in self.running
        )


@dataclass(frozen=True, slots=True)
class Running:
    """A running reader: where it is asked, and what it says of itself."""

    path: Path
    announcement: Announcement

    @property
    def id(self) -> str:
        """The number of its process and its number there, `PID-N`."""
        return self.path.stem

    @property
    def name(self) -> str:
        """Its name, which another may have as well."""
        return self.announcement.name

    @property
    def program(self) -> str:
        """The program that it runs in."""
        return self.announcement.program

    @property
    def pid(self) -> int:
        """The process that it runs in."""
        return self.announcement.pid

    @property
    def address(self) -> str:
        """The shortest URL that means it, as far as it has one."""
        said = self.announcement
        return next(iter(said.urls), "") or said.http or (f"state:{said.state}" if said.state else "")


def list_running(folder: Path | None = None) -> list[Running]:
    """Return the readers that run and answer, the oldest process first. Sockets of dead ones are removed.

    Raises OSError when the folder is not this user's own.
    """
    place = folder or meeting_folder()
    found = sockets(place)
    answers = _ask_all(found)
    running = []
    for path in found:
        try:
            running.append(Running(path, Announcement.parse(answers[path])))
        except (KeyError, CodecError):
            continue
    if len(running) < len(found) and any(refuses(path) for path in found if path not in answers):
        sweep(place)
    return running


def find_running(url: str = "", folder: Path | None = None) -> Running:
    """Return the running reader that is meant by the URL of one of its links, `state:DIR`, the address of its
    page, its name or `PID-N`; without a URL, the only one.

    Raises NoRunningReader or SeveralRunningReaders, and OSError as `list_running`.
    """
    running = list_running(folder)
    if not running:
        raise NoRunningReader("No simulated reader runs that could be followed", "Start one")
    meant = [each for each in running if means(url, each)] if url else running
    if not meant:
        raise NoRunningReader(
            "No running reader is reached by {url}", "Take the URL that it printed when it started", url=url
        )
    if len(meant) > 1:
        raise SeveralRunningReaders("Several readers run", "Name one of them", meant)
    return meant[0]


def means(url: str, running: Running) -> bool:
    """Whether a URL, a name or `PID-N` means a running reader."""
    said = running.announcement
    if url in (running.id, said.name):
        return True
    scheme, colon, rest = url.partition(":")
    if not colon:
        return False
    match scheme.lower():
        case "http" | "https":
            return _is_page(url, said)
        case "state":
            return bool(said.state) and os.path.realpath(unquote(rest)) == os.path.realpath(said.state)
        case "pcsc":
            return any(each.startswith("pcsc:") for each in said.urls)
        case _:
            place = _place(url)
            return any(_place(each) == place for each in said.urls)


def _place(url: str) -> tuple[str, ...]:
    """Return what must be equal for two URLs to mean one place: a device without its settings, or a port."""
    scheme, _, rest = url.partition(":")
    rest = rest.partition("?")[0]
    if rest.startswith("//"):
        try:
            parts = urlsplit(f"{scheme}:{rest}")
            host, port = parts.hostname or "", str(parts.port)
        except ValueError:
            return (scheme.lower(), rest)
        return (scheme.lower(), "localhost" if host in _LOCAL_HOSTS else host, port)
    return (scheme.lower(), os.path.realpath(unquote(rest)))


def _is_page(url: str, said: Announcement) -> bool:
    """Whether a URL is the address of a reader's page, or of the server that shows it."""
    if not said.http or _place(url)[1:] != _place(said.http)[1:]:
        return False
    parts = urlsplit(url)
    named = [unquote(part) for part in f"{parts.path}/{parts.fragment}".split("/") if part]
    return not named or said.name in named


def _ask_all(paths: Sequence[Path]) -> dict[Path, bytes]:
    """Return what each answers to `describe` within the time that it has; nothing for one that does not."""
    answers: dict[Path, bytes] = {}
    deadline = time.monotonic() + PATIENCE
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for path in paths:
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.setblocking(False)
            try:
                connection.connect(str(path))
                connection.send(Question(DESCRIBE).line())
            except OSError:
                continue
            answers[path] = b""
            selector.register(connection, selectors.EVENT_READ, path)
        while selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                assert isinstance(key.fileobj, socket.socket)
                data = _received(key.fileobj)
                answers[key.data] += data
                if not data or b"\n" in data or len(answers[key.data]) > LONGEST_ANSWER:
                    selector.unregister(key.fileobj)
    return answers


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(LONGEST_ANSWER)
    except OSError:
        return b""
