"""An SMTP server that says what a test tells it to: for answers that a well-kept server never gives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

SILENCE = ""
HANG_UP = "hang up"


@dataclass
class Script:
    """Answers by the first word of a command (`EHLO`, `MAIL`, `.` for a whole message); what was said to it,
    commands in capitals.

    SILENCE answers nothing, HANG_UP ends the connection. Unnamed commands are answered 250, DATA 354.
    """

    answers: dict[str, str] = field(default_factory=dict)
    greeting: str = "220 ready"
    lines: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, word: str) -> str:
        """What is answered to a command."""
        usual = {"DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250-here\r\n250 SIZE 1000000"}
        return self.answers.get(word, usual.get(word, "250 OK"))


@contextmanager
def scripted_server(script: Script) -> Iterator[Script]:
    """The server, for one client, while the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script.port = listening.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(listening, script), daemon=True)
        thread.start()
        yield script
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(30)


def _serve(listening: socket.socket, script: Script) -> None:
    with suppress(OSError):
        client, _ = listening.accept()
        with client, client.makefile("rb") as file:
            _say(client, script.greeting)
            word = ""
            for raw in file:
                line = raw.decode().rstrip("\r\n")
                if word == "DATA" and line != ".":
                    script.lines.append(line)
                    continue
                said, space, rest = line.partition(" ")
                # A login's answers are base64, in which capitals count.
                word = said if said in script.answers else said.upper()
                script.lines.append(f"{word}{space}{rest}")
                answer = script.answer(word)
                _say(client, answer)
                if not answer.startswith("354"):
                    word = ""


def _say(client: socket.socket, answer: str) -> None:
    if answer == HANG_UP:
        client.shutdown(socket.SHUT_RDWR)
        raise OSError
    if answer != SILENCE:
        client.sendall(answer.encode() + b"\r\n")
