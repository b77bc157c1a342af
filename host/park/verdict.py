"""What a technician is told of a reader: one verdict, every finding behind it, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from tla_sim.host.park.limits import DEFAULT_DRIFT_MS
from tla_sim.host.park.reading import Reading, SoftwareComponent
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.version import V1_40, Version

LOW_BATTERY: Final = 20
WORN_SECTOR: Final = 80_000
"""Erasures of one sector; parts of this kind are made for 100,000."""


class Verdict(IntEnum):
    """What becomes of a reader, the gravest last."""

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
    Verdict.UP_TO_DATE: "up to date",
    Verdict.SINGLE_OWNER_ONLY: "single-owner rounds only",
    Verdict.MUST_BE_UPDATED: "must be updated",
    Verdict.CLOCK_WRONG: "clock wrong",
    Verdict.CHECKSUM_WRONG: "checksum wrong",
    Verdict.CANNOT_BE_UPDATED: "cannot be updated",
    Verdict.UNREACHABLE: "unreachable",
}


@dataclass(frozen=True)
class Finding:
    """One thing found: what it leads to, why in a sentence, what to do next. `ssv` is the public SSV code."""

    verdict: Verdict
    why: str
    action: str = ""
    ssv: int | None = None


@dataclass(frozen=True)
class Release:
    """One published version: name and number, and the checksum of each component by name."""

    name: str
    version: Version
    checksums: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Standard:
    """What readers are measured by. A reader below `oldest` must be updated."""

    releases: tuple[Release, ...]
    newest: Version = V1_40
    oldest: Version = field(default=Version(1, 39))
    drift_ms: int = DEFAULT_DRIFT_MS


@dataclass(frozen=True)
class Checked:
    """One reader of a park: where it is, what it said unless it could not be read, all that was found."""

    url: str
    reading: Reading | None
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest finding's."""
        return max((each.verdict for each in self.findings), default=Verdict.UP_TO_DATE)

    @property
    def leading(self) -> Finding:
        """The finding behind the verdict."""
        found = [each for each in self.findings if each.verdict is self.verdict]
        return found[0] if found else Finding(Verdict.UP_TO_DATE, "")


def unreachable(url: str, error: TlaError) -> Checked:
    """A reader that could not be read."""
    return Checked(url, None, (Finding(Verdict.UNREACHABLE, error.message, error.action, error.ssv),))


def judge(url: str, reading: Reading, standard: Standard) -> Checked:
    """A reader that was read, measured by a standard."""
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
            "The case has been opened: the reader takes no invoices and no update",
            "Pull its invoices, then return it to its manufacturer",
        )
    updatable = reading.can(Capability.UPDATE)
    update = f"Update it: tla update IMAGE --reader {url}"
    if _altered(reading, standard):
        named = ", ".join(f"{each.name} {each.checksum}" for each in _wrong(reading, standard))
        yield Finding(
            Verdict.CHECKSUM_WRONG,
            f"The installed software is not the published {reading.version}: {named}",
            "Pull its invoices, then install the software again: tla update" if updatable else _RETURN,
        )
    if reading.version > standard.newest:
        yield Finding(
            Verdict.UP_TO_DATE,
            f"Version {reading.version} is newer than this program knows; its checksum was not checked",
            "Update tla-sim",
        )
        return
    lacking = [text for capability, text in _NEEDED if not reading.can(capability)]
    if reading.version >= standard.newest and not lacking:
        return
    verdict = Verdict.MUST_BE_UPDATED if reading.version < standard.oldest else Verdict.SINGLE_OWNER_ONLY
    if not updatable:
        yield Finding(
            Verdict.CANNOT_BE_UPDATED,
            f"Version {reading.version} takes no update over the cable",
            "Return it to its manufacturer, or use it for single-owner rounds only",
        )
    yield Finding(
        verdict,
        f"Version {reading.version} lacks {' and '.join(lacking)}"
        if lacking
        else f"Version {reading.version} is older than {standard.newest}",
        "" if tampered or not updatable else update,
    )


def _altered(reading: Reading, standard: Standard) -> bool:
    """Whether the version is published, and no published release of it has these checksums."""
    same = [release for release in standard.releases if release.version == reading.version]
    told = tuple((each.name, each.checksum) for each in reading.components)
    return bool(same) and all(release.checksums != told for release in same)


def _wrong(reading: Reading, standard: Standard) -> list[SoftwareComponent]:
    """The components that no release has with this checksum; all of them when each alone is right."""
    published = [pair for release in standard.releases for pair in release.checksums]
    wrong = [each for each in reading.components if (each.name, each.checksum) not in published]
    return wrong or list(reading.components)


def _clock(url: str, reading: Reading, standard: Standard) -> Iterator[Finding]:
    if abs(reading.drift_ms) > standard.drift_ms:
        yield Finding(
            Verdict.CLOCK_WRONG,
            f"The clock is {duration(reading.drift_ms)}: rights and cards are judged at a wrong date",
            f"Set it: tla clock --set now --reader {url}",
        )


def _health(reading: Reading) -> Iterator[Finding]:
    health = reading.health
    if health.battery < LOW_BATTERY:
        yield Finding(
            Verdict.UP_TO_DATE, f"The battery is at {health.battery} %", "Charge it before the round"
        )
    if health.max_wear > WORN_SECTOR:
        yield Finding(
            Verdict.UP_TO_DATE,
            f"The flash is worn: {health.max_wear} erasures of one sector",
            "Plan the reader's replacement",
        )
    if health.damaged:
        yield Finding(
            Verdict.UP_TO_DATE,
            f"{health.damaged} damaged records in the reader's memory",
            "Pull its invoices and compare them with the practice's",
        )


def duration(drift_ms: int) -> str:
    """How far a clock is off, as people say it: `2 h 05 min ahead`, `3 days 1 h behind`, `on time`."""
    if abs(drift_ms) < _ON_TIME_MS:
        return "on time"
    minutes, seconds = divmod(abs(drift_ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        size = f"1 day {hours} h" if days == 1 else f"{days} days {hours} h"
    elif hours:
        size = f"{hours} h {minutes:02} min"
    else:
        size = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
    return f"{size} {'ahead' if drift_ms > 0 else 'behind'}"


_ON_TIME_MS: Final = 2_000
_RETURN: Final = "Return it to its manufacturer for the update"
_NEEDED: Final = (
    (Capability.PARTIAL_CERTIFICATION, "partial certification"),
    (Capability.MULTI_OWNER, "several owners at a time"),
)
