"""The published versions of the reader software, by which readers are measured."""

from __future__ import annotations

from tla_sim.host.park.verdict import Release
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.reader_fw.app.software.profiles.factory import image_of


def releases() -> tuple[Release, ...]:
    """Return every published version with the components of its image."""
    return tuple(Release.of(image_of(profile).manifest) for profile in PROFILES if not profile.altered)
