"""What a tap hears, told on standard output while it happens."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Final

from tla_sim.protocol.exchange.description import describe, word_sentence
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.block import Edc
from tla_sim.protocol.trace import blank_code
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.levels.block_words import name_block, name_nodes
from tla_sim.tools.capture.levels.events import ORDINARY_NOTES
from tla_sim.tools.capture.tracer import DEVICES
from tla_sim.tools.cli.output import print_json_text, print_line
from tla_sim.tools.language import localise

_SHOWN: Final = 24
_NS: Final = 1_000_000_000
_TO, _FROM = ">", "<"


class TapTeller:
    """A tracer that prints a line for each block, command and answer; `!` marks what is damaged."""

    def __init__(self, edc: Edc) -> None:
        self._edc = edc

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:  # noqa: ARG002
        """Print an answer to reset."""
        self._print(ns, _FROM, DEVICES[lad], f"ATR {atr.hex(' ').upper()}")

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:  # noqa: ARG002
        """Print the name of a command."""
        said = describe(lad, apdu, None)
        self._print(ns, _TO, DEVICES[lad], f"{said.name}  {_hex(said.command)}")

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:  # noqa: ARG002
        """Print the status of an answer, in words."""
        if not response:
            self._print(ns, "!", DEVICES[lad], localise(Sentence("no answer")))
            return
        word = int.from_bytes(response[-2:], "big")
        self._print(ns, _FROM, DEVICES[lad], f"{word:04X} {localise(word_sentence(word))}")

    def piece(
        self,
        link: str,  # noqa: ARG002
        level: Level,  # noqa: ARG002
        device: str,  # noqa: ARG002
        from_reader: bool,
        data: bytes,
        note: str,
        ns: int,
    ) -> None:
        """Print a block, or bytes that are not one."""
        wrong = note not in ORDINARY_NOTES
        way = _FROM if from_reader else _TO
        name = "" if wrong else f"{name_nodes(data[0])} {name_block(data, self._edc)}"
        words = "  ".join(filter(None, (name, note, _hex(data))))
        self._print(ns, f"!{way}" if wrong else f" {way}", "T=1", words)

    def close(self) -> None:
        """Do nothing."""

    def _print(self, ns: int, mark: str, what: str, words: str) -> None:
        print_line(f"{_time(ns)} {mark:>2} {what:<6} {words}")
        sys.stdout.flush()


class JsonTapTeller:
    """A tracer that prints each block, command and answer as JSON on a line of its own."""

    def __init__(self, edc: Edc) -> None:
        self._edc = edc

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:  # noqa: ARG002
        """Print an answer to reset."""
        self._print("reset", ns, of=lad.name, atr=atr.hex())

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:  # noqa: ARG002
        """Print a command."""
        name = describe(lad, apdu, None).name
        self._print("command", ns, to=lad.name, command=name, apdu=blank_code(lad, apdu).hex())

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:  # noqa: ARG002
        """Print an answer."""
        word = int.from_bytes(response[-2:], "big") if response else None
        self._print(
            "answer",
            ns,
            of=lad.name,
            status=None if word is None else f"{word:04X}",
            meaning=localise(Sentence("no answer") if word is None else word_sentence(word)),
            apdu=None if response is None else response.hex(),
        )

    def piece(
        self,
        link: str,  # noqa: ARG002
        level: Level,  # noqa: ARG002
        device: str,  # noqa: ARG002
        from_reader: bool,
        data: bytes,
        note: str,
        ns: int,
    ) -> None:
        """Print a block, or bytes that are not one."""
        said_by = "reader" if from_reader else "program"
        name = name_block(data, self._edc)
        wrong = note not in ORDINARY_NOTES
        self._print("block", ns, said_by=said_by, block=name, note=note, wrong=wrong, bytes=data.hex())

    def close(self) -> None:
        """Do nothing."""

    def _print(self, event: str, ns: int, **fields: object) -> None:
        import json

        told = {"event": event, "moment_ns": ns, **fields}
        print_json_text(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _time(ns: int) -> str:
    seconds, rest = divmod(ns, _NS)
    return f"{datetime.fromtimestamp(seconds):%H:%M:%S}.{rest // 1000:06}"


def _hex(data: bytes) -> str:
    shown = data[:_SHOWN].hex(" ").upper()
    return shown if len(data) <= _SHOWN else f"{shown} … {len(data)}"
