"""CCID messages as USB transfers."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.ccid import NAK_FRAME, Kind, Request
from tla_sim.tools.capture.levels.usb_carrier import UsbCarrier

HEADER = 64
NS = 1_551_776_400_123_456_789
MESSAGE = Request(Kind.XFR_BLOCK, 1, 2, b"\x00\xa4\x00\x00").build()


def test_a_message_is_a_transfer_with_its_time_and_bytes() -> None:
    sent, received = UsbCarrier(5).packet(False, MESSAGE, NS), UsbCarrier(5).packet(True, MESSAGE, NS)
    assert sent[HEADER:] == received[HEADER:] == MESSAGE
    assert (sent[8:11], received[8:11]) == (b"S\x03\x01", b"C\x03\x82")
    assert struct.unpack("<qi", sent[16:28]) == (1_551_776_400, 123_456)
    assert struct.unpack("<II", sent[32:40]) == (len(MESSAGE), len(MESSAGE))


def test_a_slot_change_is_an_interrupt() -> None:
    packet = UsbCarrier(5).packet(True, b"\x50\x03", NS)
    assert (packet[8:11], packet[HEADER:]) == (b"C\x01\x83", b"\x50\x03")


@given(st.binary(max_size=20), st.booleans())
def test_what_is_no_message_is_a_transfer_that_failed(data: bytes, from_reader: bool) -> None:
    if len(data) >= 10 and len(data) - 10 == int.from_bytes(data[1:5], "little"):
        return
    if data[:1] == b"\x50":
        return
    packet = UsbCarrier(5).packet(from_reader, data, NS)
    assert len(packet) == HEADER
    assert struct.unpack("<i", packet[28:32]) == (-71,)
    assert UsbCarrier(5).packet(True, NAK_FRAME, NS)[HEADER:] == b""


def test_the_descriptors_tell_of_the_slots() -> None:
    for slots in (2, 5):
        packets = UsbCarrier(slots, 9).opening(NS)
        assert [from_reader for from_reader, _ in packets] == [False, True, False, True]
        assert {packet[11] for _, packet in packets} == {9}
        configuration = packets[3][1][HEADER:]
        assert int.from_bytes(configuration[2:4], "little") == len(configuration)
        cards = configuration[18 : 18 + 54]
        assert (cards[0], cards[1], cards[4]) == (54, 0x21, slots - 1)
