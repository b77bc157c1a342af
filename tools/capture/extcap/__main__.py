"""The program that Wireshark runs, with the arguments of its extcap interface (Wireshark 4)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tla_sim.protocol.errors import TlaError
from tla_sim.tools.capture.extcap.interfaces import Argument, Interface, list_interfaces, pcsc_socket
from tla_sim.tools.language import language_of_environment, localise, speak

_VERSION = "1.0"
"""The version of these interfaces and their settings, which Wireshark shows."""
_LINK_TYPE = 252
_REFUSED = 1


def main(arguments: Sequence[str]) -> int:
    """Do what Wireshark asks. Return the exit code: 0, or 1 after one sentence on standard error."""
    speak(language_of_environment())
    given = _parse(arguments)
    try:
        if given.interfaces:
            _tell_interfaces()
        elif given.dlts:
            print(f"dlt {{number={_LINK_TYPE}}}{{name=WIRESHARK_UPPER_PDU}}{{display=APDUs (ISO 7816)}}")
        elif given.config:
            _tell_config(given.interface)
        elif given.capture:
            _capture(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Wireshark has enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except TlaError as error:
        print(" ".join(localise(error.told).split()), file=sys.stderr)
        return _REFUSED
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        print(f"{where}{localise(error.strerror or str(error))}", file=sys.stderr)
        return _REFUSED
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in ("interfaces", "dlts", "config"):
        parser.add_argument(f"--extcap-{name}", dest=name, action="store_true")
    parser.add_argument("--capture", action="store_true")
    parser.add_argument("--extcap-interface", dest="interface", default="")
    parser.add_argument("--fifo", type=Path)
    parser.add_argument("--level", action="append", default=[])
    parser.add_argument("--peer", default="")
    parser.add_argument("--baud", type=int, default=9_600)
    parser.add_argument("--edc", default="crc", choices=["crc", "lrc"])
    parser.add_argument("--socket", default="")
    # Wireshark may say more, such as its version or a filter.
    given, _ = parser.parse_known_args(arguments)
    return given


def _tell_interfaces() -> None:
    print(f"extcap {{version={_VERSION}}}{{display=tla-sim}}")
    for each in list_interfaces():
        print(f"interface {{value={each.value}}}{{display={_shown(each.display)}}}")


def _tell_config(value: str) -> None:
    for number, each in enumerate(Interface(value, "").arguments):
        print(_argument_line(number, each))
        for choice in each.choices:
            # Wireshark lets nobody tick a choice of a multicheck that is not said to be enabled.
            enabled = "{enabled=true}" if each.kind == "multicheck" else ""
            shown = _shown(choice.display)
            print(f"value {{arg={number}}}{{value={choice.value}}}{{display={shown}}}{enabled}")


def _argument_line(number: int, argument: Argument) -> str:
    default = argument.default or (str(pcsc_socket()) if argument.call == "--socket" else "")
    fields = {
        "number": number,
        "call": argument.call,
        "display": _shown(argument.display),
        "type": argument.kind,
        "default": default,
        "tooltip": _shown(argument.tooltip),
    }
    return "arg " + "".join(f"{{{name}={text}}}" for name, text in fields.items() if text != "")


def _shown(text: str) -> str:
    """Return a text without what ends a value."""
    return "".join(" " if char in "{}\n" else char for char in localise(text))


def _capture(given: argparse.Namespace) -> None:
    from tla_sim.tools.capture.extcap.capturing import NoSuchInterface, Wish, capture

    if given.fifo is None:
        raise NoSuchInterface("No pipe is given to capture into")
    woken, waker = os.pipe()
    # An exception could come between two halves of a packet.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(waker, b"\0"))
    levels = [each for text in given.level for each in text.split(",") if each]
    socket = given.socket or str(pcsc_socket())
    wish = Wish(given.interface, given.fifo, levels, given.peer, given.baud, given.edc, socket)
    capture(wish, woken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
