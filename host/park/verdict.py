"""The judgement of a reader: one verdict, every finding behind it, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from tla_sim.host.park.limits import DEFAULT_DRIFT_MS
from tla_sim.host.park.reading import Reading, SoftwareComponent
from tla_sim.host.park.tables import TABLES
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.firmware import Manifest
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.protocol.version import V1_40, Version

LOW_BATTERY: Final = 20
WORN_SECTOR: Final = 80_000
"""Erasures of one flash sector; parts of this kind are rated for 100,000."""


class Verdict(IntEnum):
    """The verdict on a reader, the most serious last."""

    UP_TO_DATE = 0
    SINGLE_OWNER_ONLY = 1
    MUST_BE_UPDATED = 2
    CLOCK_WRONG = 3
    CHECKSUM_WRONG = 4
    CANNOT_BE_UPDATED = 5
    UNREACHABLE = 6

    @property
    def text(self) -> str:
        """The verdict in words."""
        return _TEXT[self]


_TEXT: Final = {
    Verdict.UP_TO_DATE: Sentence("up to date"),
    Verdict.SINGLE_OWNER_ONLY: Sentence("single-owner rounds only"),
    Verdict.MUST_BE_UPDATED: Sentence("must be updated"),
    Verdict.CLOCK_WRONG: Sentence("clock wrong"),
    Verdict.CHECKSUM_WRONG: Sentence("checksum wrong"),
    Verdict.CANNOT_BE_UPDATED: Sentence("cannot be updated"),
    Verdict.UNREACHABLE: Sentence("unreachable"),
}


@dataclass(frozen=True)
class Finding:
    """A finding: the verdict it leads to, the reason in a sentence, and what to do next.

    `ssv` is the public SSV code.
    """

    verdict: Verdict
    why: str
    action: str = ""
    ssv: int | None = None


class Published(NamedTuple):
    """A component as it was published; `checksum` is in hex."""

    name: str
    version: str
    checksum: str


@dataclass(frozen=True)
class Release:
    """A published version: name and number, and its components in their order."""

    name: str
    version: Version
    components: tuple[Published, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> Release:
        """Return the release that an image with this manifest installs."""
        components = (
            Published(each.name, each.version, f"{each.checksum:08X}") for each in manifest.components
        )
        return cls(manifest.release, manifest.version, tuple(components))


@dataclass(frozen=True)
class Standard:
    """The standard that readers are compared with. A reader below `oldest` must be updated."""

    releases: tuple[Release, ...]
    newest: Version = V1_40
    oldest: Version = field(default=Version(1, 39))
    drift_ms: int = DEFAULT_DRIFT_MS


@dataclass(frozen=True)
class Checked:
    """A reader of a park: its place, what it reported (if it could be read), and all findings."""

    url: str
    reading: Reading | None
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict of the most serious finding."""
        return max((each.verdict for each in self.findings), default=Verdict.UP_TO_DATE)

    @property
    def leading(self) -> Finding:
        """The finding behind the verdict."""
        found = [each for each in self.findings if each.verdict is self.verdict]
        return found[0] if found else Finding(Verdict.UP_TO_DATE, "")


def unreachable(url: str, error: TlaError) -> Checked:
    """Return the result for a reader that could not be read."""
    return Checked(url, None, (Finding(Verdict.UNREACHABLE, error.message, error.action, error.ssv),))


def judge(url: str, reading: Reading, standard: Standard) -> Checked:
    """Return the result of comparing a reader with a standard."""
    return Checked(url, reading, tuple(_findings(url, reading, standard)))


def _findings(url: str, reading: Reading, standard: Standard) -> Iterator[Finding]:
    yield from _software(url, reading, standard)
    yield from _clock(url, reading, standard)
    yield from _health(reading)


def _software(url: str, reading: Reading, standard: Standard) -> Iterator[Finding]:
    tampered = reading.health.tamper
    if tampered:
        yield Finding(
            Verdict.CANNOT_BE_UPDATED,
            Sentence("The case has been opened: the reader takes no invoices and no update"),
            Sentence("Pull its invoices, then return it to its manufacturer"),
        )
    updatable = reading.can(Capability.UPDATE)
    update = Sentence("Update it", url=url)
    if _altered(reading, standard):
        named = ", ".join(f"{each.name} {each.checksum}" for each in _wrong(reading, standard))
        yield Finding(
            Verdict.CHECKSUM_WRONG,
            Sentence(
                "The installed software is not the published {version}: {named}",
                version=reading.version,
                named=named,
            ),
            Sentence("Pull its invoices, then install the software again") if updatable else _RETURN,
        )
    else:
        yield from _tables(reading, standard)
    if reading.version > standard.newest:
        yield Finding(
            Verdict.UP_TO_DATE,
            Sentence(
                "Version {version} is newer than this program knows; its checksum was not checked",
                version=reading.version,
            ),
            Sentence("Update tla-sim"),
        )
        return
    lacking = [text for capability, text in _NEEDED if not reading.can(capability)]
    if reading.version >= standard.newest and not lacking:
        return
    verdict = Verdict.MUST_BE_UPDATED if reading.version < standard.oldest else Verdict.SINGLE_OWNER_ONLY
    if not updatable:
        yield Finding(
            Verdict.CANNOT_BE_UPDATED,
            Sentence("Version {version} cannot be updated over the cable", version=reading.version),
            Sentence("Return it to its manufacturer, or use it for single-owner rounds only"),
        )
    yield Finding(
        verdict,
        Sentence(
            "Version {version} lacks {lacking}", version=reading.version, lacking=Joined(" and ", lacking)
        )
        if lacking
        else Sentence(
            "Version {version} is older than {newest}", version=reading.version, newest=standard.newest
        ),
        "" if tampered or not updatable else update,
    )


def _altered(reading: Reading, standard: Standard) -> bool:
    """Return whether the version is published but not with what this reader runs.

    Tables of a version of their own are no alteration: they came in an image that the reader verified. Tables
    of a published version have to be the published ones.
    """
    same = _same_version(reading, standard)
    told = _told(reading)
    if not same or any(release.components == told for release in same):
        return False
    matching = _same_software(reading, same)
    return not matching or not _own_tables(reading, matching)


def _told(reading: Reading) -> tuple[Published, ...]:
    return tuple(Published(each.name, each.version, each.checksum) for each in reading.components)


def _same_version(reading: Reading, standard: Standard) -> list[Release]:
    return [release for release in standard.releases if release.version == reading.version]


def _same_software(reading: Reading, releases: Iterable[Release]) -> list[Release]:
    """Return the releases from which a reader differs in nothing but the tables."""
    running = _without_tables(_told(reading))
    return [release for release in releases if _without_tables(release.components) == running]


def _without_tables(components: Iterable[Published]) -> list[Published]:
    return [Published(TABLES, "", "") if each.name == TABLES else each for each in components]


def _own_tables(reading: Reading, releases: Iterable[Release]) -> list[SoftwareComponent]:
    """Return a reader's tables if their version is in none of these releases."""
    known = [(each.name, each.version) for release in releases for each in release.components]
    return [
        each for each in reading.components if each.name == TABLES and (TABLES, each.version) not in known
    ]


def _tables(reading: Reading, standard: Standard) -> Iterator[Finding]:
    matching = _same_software(reading, _same_version(reading, standard))
    for each in _own_tables(reading, matching) if matching else ():
        yield Finding(
            Verdict.UP_TO_DATE,
            Sentence(
                "Its tables {version} came by themselves; their checksum {checksum} was not checked",
                version=each.version,
                checksum=each.checksum,
            ),
            Sentence("Compare the checksum with that of their image"),
        )


def _wrong(reading: Reading, standard: Standard) -> list[SoftwareComponent]:
    """Return the components whose checksum is in no release, or all of them if each is in some release."""
    published = [(each.name, each.checksum) for release in standard.releases for each in release.components]
    own = _own_tables(reading, _same_version(reading, standard))
    wrong = [
        each for each in reading.components if (each.name, each.checksum) not in published and each not in own
    ]
    return wrong or list(reading.components)


def _clock(url: str, reading: Reading, standard: Standard) -> Iterator[Finding]:
    if abs(reading.drift_ms) > standard.drift_ms:
        yield Finding(
            Verdict.CLOCK_WRONG,
            Sentence(
                "The clock is {drift}: rights and cards are checked against a wrong date",
                drift=duration(reading.drift_ms),
            ),
            Sentence("Set the clock", url=url),
        )


def _health(reading: Reading) -> Iterator[Finding]:
    health = reading.health
    if health.battery < LOW_BATTERY:
        yield Finding(
            Verdict.UP_TO_DATE,
            Sentence("The battery is at {battery} %", battery=health.battery),
            Sentence("Charge it before the round"),
        )
    if health.max_wear > WORN_SECTOR:
        yield Finding(
            Verdict.UP_TO_DATE,
            Sentence("The flash is worn: {max_wear} erasures of one sector", max_wear=health.max_wear),
            Sentence("Plan the reader's replacement"),
        )
    if health.damaged:
        yield Finding(
            Verdict.UP_TO_DATE,
            Sentence("{damaged} damaged records in the reader's memory", damaged=health.damaged),
            Sentence("Pull its invoices and compare them with the practice's"),
        )


def duration(drift_ms: int) -> str:
    """Return in words how far a clock is off: `2 h 05 min ahead`, `3 days 1 h behind`, `on time`."""
    if abs(drift_ms) < _ON_TIME_MS:
        return Sentence("on time")
    minutes, seconds = divmod(abs(drift_ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    size: str
    if days:
        size = (
            Sentence("1 day {hours} h", hours=hours)
            if days == 1
            else Sentence("{days} days {hours} h", days=days, hours=hours)
        )
    elif hours:
        size = Sentence("{hours} h {minutes:02} min", hours=hours, minutes=minutes)
    else:
        size = (
            Sentence("{minutes} min {seconds:02} s", minutes=minutes, seconds=seconds)
            if minutes
            else Sentence("{seconds} s", seconds=seconds)
        )
    return Sentence("{size} ahead", size=size) if drift_ms > 0 else Sentence("{size} behind", size=size)


_ON_TIME_MS: Final = 2_000
_RETURN: Final = Sentence("Return it to its manufacturer for the update")
_NEEDED: Final = (
    (Capability.PARTIAL_CERTIFICATION, Sentence("partial certification")),
    (Capability.MULTI_OWNER, Sentence("several owners at a time")),
)
