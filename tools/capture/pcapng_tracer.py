"""A tracer that writes pcapng: Wireshark opens it, and decodes the APDUs without any plugin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tla_sim.protocol.exchange.description import describe, word_sentence
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import blank_code, may_hold_code
from tla_sim.reader_fw.links.ccid_link import FIVE_SLOTS
from tla_sim.tools.capture.iso7816_limits import is_left_alone, reads_answer, reads_atr, reads_command
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.levels.usb_carrier import UsbCarrier
from tla_sim.tools.capture.pcapng import (
    UPPER_PDU,
    USB,
    Interface,
    interface,
    packet,
    packet_options,
    section_header,
)
from tla_sim.tools.capture.tracer import DEVICES
from tla_sim.tools.capture.upper_pdu import Dissector, prefix

APPLICATION: Final = "tla-sim"
HEALTH_DATA: Final = "Contains health data. Codes porteur are blanked. Times are those of the program."
_ATR: Final = packet_options("ATR", inbound=True)
_NO_ANSWER: Final = packet_options("no answer came", inbound=True)
_UNDECLARED: Final = -1
_REMEMBERED: Final = 4_096
_APDU_OUT: Final = prefix(Dissector.APDU, False)
_APDU_IN: Final = prefix(Dissector.APDU, True)
_ODD_OUT: Final = prefix(Dissector.ODD_APDU, False)
_ODD_IN: Final = prefix(Dissector.ODD_APDU, True)
_LEVELS: Final = {Level.T1: "T=1", Level.CCID: "CCID", Level.VPCD: "vpcd"}
_BLOCKS: Final = {Level.T1: Dissector.T1, Level.VPCD: Dissector.VPCD}


class PcapngTracer:
    """Hands whole blocks to `write`, one call a packet: a file stays readable wherever the program is killed.

    An interface is declared before its first packet. `comment` describes the section. Where there are
    `interfaces` already, it goes on in their section: Wireshark 4.0 looks the interfaces of a later
    section up among those of the first.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        comment: str = HEALTH_DATA,
        interfaces: Sequence[Interface] | None = None,
    ) -> None:
        self._write = write
        # Indexed by Lad: its hash, as a key of a dict, costs more than all the rest of a look-up.
        self._apdus: dict[str, list[int]] = {}
        self._others: dict[str, int] = {}
        self._carriers: dict[str, UsbCarrier] = {}
        self._count = 0
        # A reader on USB begins anew with its descriptors, as another device.
        self._devices = 0
        self._declared: dict[str, int] = {}
        self._commands: tuple[dict[bytes, tuple[bytes, bool]], ...] = tuple({} for _ in Lad)
        self._words: dict[bytes, bytes] = {}
        if interfaces is None:
            write(section_header(APPLICATION, comment))
            return
        self._count = len(interfaces)
        self._devices = sum(each.link_type == USB for each in interfaces)
        self._declared = {
            each.name: number
            for number, each in enumerate(interfaces)
            if each.link_type == UPPER_PDU and each.is_plain
        }

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Write an answer to reset."""
        numbers = self._apdus.get(link)
        number = _UNDECLARED if numbers is None else numbers[lad]
        if number < 0:
            number = self._declare(link, lad)
        self._write(packet(number, ns, _APDU_IN if reads_atr(atr) else _ODD_IN, atr, _ATR))

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Write a command, its code blanked, with its name and what it does."""
        numbers = self._apdus.get(link)
        number = _UNDECLARED if numbers is None else numbers[lad]
        if number < 0:
            number = self._declare(link, lad)
        options, is_plain = self._commands[lad].get(apdu[:2]) or self._learn_command(lad, apdu)
        if is_plain:
            self._write(packet(number, ns, _APDU_OUT, apdu, options))
            return
        apdu = blank_code(lad, apdu)
        self._write(packet(number, ns, _APDU_OUT if reads_command(apdu) else _ODD_OUT, apdu, options))

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        """Write an answer with its status in words; that none came shows as an empty one."""
        numbers = self._apdus.get(link)
        number = _UNDECLARED if numbers is None else numbers[lad]
        if number < 0:
            number = self._declare(link, lad)
        if not response:
            self._write(packet(number, ns, _ODD_IN, b"", _NO_ANSWER))
            return
        word = response[-2:]
        options = self._words.get(word) or self._word_options(word)
        self._write(packet(number, ns, _APDU_IN if reads_answer(response) else _ODD_IN, response, options))

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Write a block or message on an interface of its own."""
        name = " ".join(filter(None, (link, _LEVELS[level], device)))
        if level is Level.CCID:
            self._usb_transfer(name, from_reader, data, note, ns)
            return
        number = self._other(name)
        tags = prefix(_BLOCKS[level], from_reader)
        self._write(packet(number, ns, tags, data, packet_options(note, from_reader)))

    def zone(self, link: str, data: bytes, out: bool, comment: str, ns: int) -> None:
        """Write a memory zone of a C function, which went in or came `out`, codes blanked already."""
        tags = prefix(Dissector.ZONE, out)
        self._write(packet(self._other(f"{link} SSV"), ns, tags, data, packet_options(comment, out)))

    def close(self) -> None:
        """Do nothing: each packet was written when it came."""

    def _usb_transfer(self, name: str, from_reader: bool, data: bytes, note: str, ns: int) -> None:
        carrier = self._carriers.get(name)
        if carrier is None:
            self._devices += 1
            carrier = self._carriers[name] = UsbCarrier(FIVE_SLOTS, self._devices)
            number = self._others[name] = self._new_interface(name, USB)
            for inbound, opening in carrier.opening(ns):
                self._write(packet(number, ns, b"", opening, packet_options("", inbound)))
        transfer = carrier.packet(from_reader, data, ns)
        self._write(packet(self._others[name], ns, b"", transfer, packet_options(note, from_reader)))

    def _declare(self, link: str, lad: Lad) -> int:
        number = self._new_interface(f"{link} {DEVICES[lad]}".lstrip())
        self._apdus.setdefault(link, [_UNDECLARED] * len(Lad))[lad] = number
        return number

    def _other(self, name: str) -> int:
        number = self._others.get(name)
        if number is None:
            number = self._others[name] = self._new_interface(name)
        return number

    def _new_interface(self, name: str, link_type: int = UPPER_PDU) -> int:
        known = self._declared.get(name) if link_type == UPPER_PDU else None
        if known is not None:
            return known
        self._write(interface(name, link_type))
        self._count += 1
        return self._count - 1

    def _learn_command(self, lad: Lad, apdu: bytes) -> tuple[bytes, bool]:
        """Return the options of a command, and whether it can be written as it is: every such one holds no
        code, and Wireshark reads no length of its class.
        """
        known = self._commands[lad]
        if len(known) >= _REMEMBERED:
            known.clear()
        told = describe(lad, apdu, None)
        comment = f"{told.name}: {told.summary}" if told.summary else told.name
        is_plain = len(apdu) > 1 and is_left_alone(apdu[0]) and not may_hold_code(apdu[1])
        learnt = known[apdu[:2]] = packet_options(comment, inbound=False), is_plain
        return learnt

    def _word_options(self, word: bytes) -> bytes:
        if len(self._words) >= _REMEMBERED:
            self._words.clear()
        number = int.from_bytes(word, "big")
        comment = f"{number:04X} {word_sentence(number)}" if len(word) == 2 else "not an answer"
        options = self._words[word] = packet_options(comment, inbound=True)
        return options
