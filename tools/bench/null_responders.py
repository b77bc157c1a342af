"""Null readers: `python -m tla_sim.tools.bench.null_responders ccid PATH`, or `vpcd PORT`.

The baselines of `tla_sim.tools.bench.pcsc`: blocking reads, no reader behind them, 90 00 to every APDU. The
CCID responder has the slots of the simulated reader, the third speaking T=1; the vpcd responder has one slot
on PORT, or two from PORT on.
"""

from __future__ import annotations

import os
import pty
import socket
import struct
import sys
import threading
import tty
from contextlib import suppress
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Final

from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR

_ATRS: Final = (PS_ATR, VITALE_ATR, LOG_SV_ATR)
_T1_SLOT: Final = 2
_DONE: Final = b"\x90\x00"
_QUICKACK: Final = getattr(socket, "TCP_QUICKACK", 12)


def _answer(
    kind: int, slot: int, sequence: int, data: bytes = b"", status: int = 0, detail: int = 0
) -> bytes:
    message = struct.pack("<BIBBBBB", kind, len(data), slot, sequence, status, 0, detail) + data
    framed = b"\x03\x06" + message
    return framed + bytes((reduce(xor, framed),))


def _t1(block: bytes) -> bytes:
    pcb = block[1]
    body = bytes((0, pcb | 0x20, len(block) - 4)) + block[3:-1] if pcb & 0x80 else bytes((0, pcb, 2)) + _DONE
    return body + bytes((reduce(xor, body),))


def ccid(path: str) -> None:
    """Answer libccid's serial driver on a pseudo-terminal, forever."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    with suppress(FileNotFoundError):
        Path(path).unlink()
    Path(path).symlink_to(os.ttyname(slave))
    pending = b""
    powered = [1, 1, 1, 2, 2]

    def read(count: int) -> bytes:
        nonlocal pending
        while len(pending) < count:
            pending += os.read(master, 65_536)
        taken, pending = pending[:count], pending[count:]
        return taken

    while True:
        if read(1) != b"\x03":
            continue
        read(1)
        header = read(10)
        kind, length, slot, sequence = struct.unpack("<BIBB", header[:7])
        data = read(length)
        read(1)
        if kind == 0x6F and slot < len(_ATRS):
            is_pps = data[0] == 0xFF
            reply = data if is_pps else _t1(data) if slot == _T1_SLOT else _DONE
            out = _answer(0x80, slot, sequence, reply)
        elif kind == 0x62 and slot < len(_ATRS):
            powered[slot] = 0
            out = _answer(0x80, slot, sequence, _ATRS[slot])
        elif kind == 0x61:
            out = _answer(0x82, slot, sequence, data, detail=header[7])
        elif kind == 0x6B:
            out = _answer(0x83, slot, sequence, b"NULL")
        else:
            if kind == 0x63 and slot < len(_ATRS):
                powered[slot] = 1
            out = _answer(0x81, slot, sequence, status=powered[slot])
        os.write(master, out)


def vpcd(port: int, atr: bytes) -> None:
    """Play one card to vpcd until vpcd hangs up."""
    peer = socket.create_connection(("127.0.0.1", port))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(count: int) -> bytes:
        got = b""
        while len(got) < count:
            peer.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            more = peer.recv(count - len(got))
            if not more:
                raise SystemExit
            got += more
        return got

    while True:
        (length,) = struct.unpack(">H", read(2))
        message = read(length)
        if length == 1 and message[0] in (0, 1, 2):
            continue
        reply = atr if length == 1 and message[0] == 4 else _DONE
        peer.sendall(struct.pack(">H", len(reply)) + reply)


def main(kind: str, where: str) -> None:
    """Serve until killed."""
    if kind == "ccid":
        ccid(where)
    else:
        threading.Thread(target=vpcd, args=(int(where) + 1, LOG_SV_ATR), daemon=True).start()
        vpcd(int(where), PS_ATR)


if __name__ == "__main__":
    main(*sys.argv[1:3])
