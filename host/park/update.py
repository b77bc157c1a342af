"""Updating a reader's own software, whole or not at all, and resuming after a cut.

It is safe to run again at any time: a reader that already runs the image is left alone, and the blocks that
it has are not sent again. The reader restarts once; what it then reports is compared with the image.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.park.image_file import read_image
from tla_sim.host.park.limits import MOST_FAILURES
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.identity import Identity
from tla_sim.protocol.documents.load import positions_in
from tla_sim.protocol.errors import Category, IncoherentAnswer, LinkError, TlaError
from tla_sim.protocol.firmware import Image
from tla_sim.protocol.sentence import Sentence

WAITING: Final = Sentence("waiting for the reader")
"""The stage while the link is down."""


class NotUpdatable(TlaError):
    """The reader's version cannot be updated over the cable."""

    category = Category.REFUSED


@dataclass(frozen=True)
class Updated:
    """The result of an update: versions before and after, and what it cost.

    `cuts` counts the failures of the link; `already` says that nothing had to be done.
    """

    serial_number: str
    before: str
    after: str
    bytes_sent: int
    bytes_resumed: int
    cuts: int
    already: bool


def wait_a_second() -> None:
    """Sleep for one second, in real time."""
    time.sleep(1.0)


def update_reader(
    client: ReaderClient,
    image: Image | str | os.PathLike[str],
    pause: Callable[[], None] = wait_a_second,
    most_failures: int = MOST_FAILURES,
    on_progress: OnProgress = ignore_progress,
) -> Updated:
    """Make the reader run an image, given itself or as a file, and return the result.

    When the link fails, `pause` is called and the update resumes where it was, until `most_failures`
    exchanges in a row have failed. Raises `ImageRefused` before anything is sent; `NotUpdatable` and
    `StatusError`, after which the reader runs its old software; `LinkError`, after which it runs the old or
    the new; `IncoherentAnswer`, also when another reader answers.

        >>> old = tla_sim.SimulatedReader.in_memory(profile="1.31")
        >>> done = tla_sim.update_reader(old.client(), "tla-1.40.tlafw")
        >>> done.before, done.after
        ('1.31', '1.40')
    """
    image = image if isinstance(image, Image) else read_image(Path(image))
    identity = client.identify()
    before = f"{identity.major}.{identity.minor:02}"
    if runs(client, image):
        return Updated(identity.serial_number, before, before, 0, 0, 0, already=True)
    if not identity.capabilities & Capability.UPDATE:
        raise NotUpdatable(
            "This reader (version {before}) cannot be updated over the cable",
            "Return it to its manufacturer for the update",
            before=before,
        )
    run = _Run(client, image, identity)
    latest = Progress(Sentence("update"), 0, len(image.chunks), 0, len(image.payload))
    failures = cuts = 0
    while True:
        try:
            for latest in run.go():
                failures = 0
                on_progress(latest)
            break
        except IncoherentAnswer:
            raise
        except LinkError:
            failures += 1
            cuts += failures == 1
            if failures > most_failures:
                raise
            on_progress(replace(latest, stage=WAITING))
            pause()
    after = run.identity
    return Updated(
        identity.serial_number,
        before,
        f"{after.major}.{after.minor:02}",
        run.sent,
        run.resumed,
        cuts,
        already=False,
    )


def runs(client: ReaderClient, image: Image) -> bool:
    """Return whether a reader reports exactly this image: names, versions and checksums."""
    told = [
        (each.component_name, each.component_version, each.component_checksum)
        for each in client.configuration()
    ]
    meant = [(each.name, each.version, f"{each.checksum:08X}") for each in image.manifest.components]
    return told == meant


class _Run:
    """The steps from any starting point to a reader that runs the image."""

    def __init__(self, client: ReaderClient, image: Image, identity: Identity) -> None:
        self.identity = identity
        self.sent = 0
        self.resumed = 0
        self._client = client
        self._image = image
        self._activated = False

    def go(self) -> Iterator[Progress]:
        """Carry out the remaining steps, yielding the progress. Raises `LinkError`, `StatusError`."""
        client, image = self._client, self._image
        self.identity = client.identify()
        if runs(client, image):
            return
        if self._activated:
            raise IncoherentAnswer(
                "The reader accepted the software but does not report that it runs it",
                "Switch the reader off and on, then check what it runs",
            )
        chunks, total = image.chunks, len(image.payload)
        present = positions_in(client.open_update(image.head.raw), len(chunks))
        done = sum(len(chunks[position]) for position in present)
        self.resumed = max(done - self.sent, self.resumed)
        count = len(present)
        yield Progress(Sentence("update"), count, len(chunks), done, total)
        for position, chunk in enumerate(chunks):
            if position in present:
                continue
            client.update_block(position, chunk)
            self.sent += len(chunk)
            done += len(chunk)
            count += 1
            yield Progress(Sentence("update"), count, len(chunks), done, total)
        client.activate_update(image.head.image_id)
        self._activated = True
        yield from self.go()
