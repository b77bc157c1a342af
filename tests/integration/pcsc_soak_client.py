"""Run as a program: `COUNT SLOT:APDU:EXPECTED …`; every slot at once, each in a thread of its own.

Uses pyscard as any program does. Prints nothing and ends with 0 when every answer was as expected.
"""

from __future__ import annotations

import sys
import threading

from smartcard.System import readers


def exchange(number: int, apdu: bytes, expected: bytes, count: int, failures: list[str]) -> None:
    connection = readers()[number].createConnection()
    connection.connect()
    command = list(apdu)
    wanted = list(expected)
    for turn in range(count):
        data, sw1, sw2 = connection.transmit(command)
        if [*data, sw1, sw2][-len(wanted) :] != wanted:
            failures.append(f"slot {number}, exchange {turn}: {bytes([*data, sw1, sw2]).hex()}")
            return
    connection.disconnect()


def main(count: str, *slots: str) -> int:
    failures: list[str] = []
    threads = []
    for slot in slots:
        number, apdu, expected = slot.split(":")
        arguments = (int(number), bytes.fromhex(apdu), bytes.fromhex(expected), int(count), failures)
        threads.append(threading.Thread(target=exchange, args=arguments))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
