"""Reading a whole park of readers in parallel, so that a silent one delays no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.park.reading import read
from tla_sim.host.park.verdict import Checked, Standard, judge, unreachable
from tla_sim.protocol.errors import TlaError

_MOST_AT_ONCE: Final = 48
WAIT_SECONDS: Final = 3
_LINES: Final = ("serial:", "socket:", "rfc2217:")

Open = Callable[[str], AbstractContextManager[ReaderClient]]


def check_park(
    urls: Sequence[str],
    open_reader: Open,
    standard: Standard,
    host_clock: Callable[[], int],
) -> Iterator[Checked]:
    """Read and judge each reader once, however often it is named; yield each result as it is ready.

    Only commands that change nothing are sent. A failure becomes a finding of its reader and is never raised.
    """
    wanted = list(dict.fromkeys(urls))
    if not wanted:
        return
    with ThreadPoolExecutor(min(_MOST_AT_ONCE, len(wanted)), "check") as pool:
        running = [pool.submit(check_reader, url, open_reader, standard, host_clock) for url in wanted]
        for done in as_completed(running):
            yield done.result()


def check_reader(url: str, open_reader: Open, standard: Standard, host_clock: Callable[[], int]) -> Checked:
    """Read and judge one reader."""
    try:
        with open_reader(shorten_wait(url)) as client:
            return judge(url, read(client, host_clock), standard)
    except TlaError as error:
        return unreachable(url, error)


def shorten_wait(url: str) -> str:
    """Return the URL with a short wait unless it has its own: these commands are answered at once or
    never."""
    if not url.lower().startswith(_LINES) or "wait=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}wait={WAIT_SECONDS}"
