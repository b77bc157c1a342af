"""The software that runs and the update that is coming, in the reader's two banks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.firmware import TARGET, Component, ImageRefused, SignedManifest, checksums
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.app.software.boot_area import BootArea, BootRecord, boot_sectors
from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.reader_fw.board.flash import NorFlash, SectorFailed


def deliver(flash: NorFlash, profile: Profile) -> None:
    """Put a profile's software into a flash that never had any; leave any other flash alone."""
    if boot_sectors(flash):
        area = BootArea(flash)
        if area.blank:
            from tla_sim.reader_fw.app.software.profiles.factory import image_of, installed_payload

            area.deliver(image_of(profile), installed_payload(profile))


def find_installed(flash: NorFlash, otherwise: Profile) -> Profile:
    """Return the profile of the software on a flash, `otherwise` if it has none. Raises SoftwareDamaged."""
    if not boot_sectors(flash) or BootArea(flash).blank:
        return otherwise
    return Profile.of(BootArea(flash).find_running()[1].manifest)


class Firmware:
    """The software that runs since power-on, and the update on its way into the other bank.

    A flash too small for a boot area runs `fixed` and takes no update. Construction raises SoftwareDamaged
    when neither bank can be trusted. It checks only the manifest of the running bank, as real readers do: an
    altered payload runs, and shows in its checksum.
    """

    def __init__(self, flash: NorFlash, fixed: Profile) -> None:
        self.restart_wanted = False
        self._coming: SignedManifest | None = None
        self._area: BootArea | None = None
        if not boot_sectors(flash):
            from tla_sim.reader_fw.app.software.profiles.factory import image_of, installed_payload

            self.profile = replace(fixed, capabilities=fixed.capabilities - {Capability.UPDATE})
            self._head = image_of(fixed).head
            self._payload = installed_payload(fixed)
            return
        self._area = BootArea(flash)
        self._record, self._head = self._area.find_running()
        self.profile = Profile.of(self._head.manifest)

    def components(self) -> Iterator[tuple[Component, int]]:
        """Yield each component with the CRC-32 of its bytes as they are in flash now."""
        area = self._area
        payload = self._payload if area is None else area.payload(self._record.bank, self._head)
        yield from zip(self._head.manifest.components, checksums(self._head.manifest, payload), strict=True)

    def open(self, raw: bytes, owners: int, documents: int) -> tuple[int, ...]:
        """Begin or resume an update by its signed manifest, and return the positions that are already here.

        `owners` and `documents` are on board and must fit the new version. Raises Refusal, PowerCut.
        """
        area = self._require_area()
        head = _parse_for_this_reader(raw)
        manifest = head.manifest
        if manifest.version < self._record.floor:
            raise Refusal(Status.VERSION_REFUSED)
        _check_fits(head, owners, documents)
        spare = 1 - self._record.bank
        try:
            if area.head(spare) != head:
                area.write_head(spare, head)
        except SectorFailed:
            raise Refusal(Status.MEMORY_FAILURE) from None
        self._coming = head
        return area.find_present(spare, head)

    def write(self, position: int, content: bytes) -> int:
        """Store one chunk, and return how many are here. Raises Refusal, PowerCut."""
        area, head = self._require_area(), self._require_open()
        manifest = head.manifest
        if position >= len(manifest.chunks):
            raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
        if not head.holds(position, content):
            raise Refusal(Status.DIGEST_MISMATCH)
        spare = 1 - self._record.bank
        try:
            if area.chunk(spare, position, len(content)) != content:
                area.write_chunk(spare, position, content)
        except SectorFailed:
            raise Refusal(Status.MEMORY_FAILURE) from None
        return len(area.find_present(spare, head))

    def activate(self, image_id: bytes, owners: int, documents: int) -> SignedManifest:
        """Make the stored image the one that runs from the next start on, and ask for a restart.

        Everything is checked as it is in flash. Raises Refusal, PowerCut.
        """
        area, coming = self._require_area(), self._require_open()
        spare = 1 - self._record.bank
        head = area.head(spare)
        if head is None or head != coming or head.image_id != image_id:
            raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
        manifest = head.manifest
        if len(area.find_present(spare, head)) != len(manifest.chunks):
            raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
        if checksums(manifest, area.payload(spare, head)) != [each.checksum for each in manifest.components]:
            raise Refusal(Status.IMAGE_INVALID)
        _check_fits(head, owners, documents)
        floor = max(self._record.floor, manifest.floor)
        try:
            area.activate(BootRecord(self._record.sequence + 1, spare, floor))
        except SectorFailed:
            raise Refusal(Status.MEMORY_FAILURE) from None
        self._coming = None
        self.restart_wanted = True
        return head

    def _require_area(self) -> BootArea:
        if self._area is None or Capability.UPDATE not in self.profile.capabilities:
            raise Refusal(Status.INSTRUCTION_NOT_SUPPORTED)
        return self._area

    def _require_open(self) -> SignedManifest:
        if self._coming is None:
            raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
        return self._coming


def _parse_for_this_reader(raw: bytes) -> SignedManifest:
    try:
        head = SignedManifest.parse(raw)
    except ImageRefused:
        raise Refusal(Status.IMAGE_INVALID) from None
    if head.manifest.target != TARGET:
        raise Refusal(Status.IMAGE_FOREIGN)
    return head


def _check_fits(head: SignedManifest, owners: int, documents: int) -> None:
    """Refuse software that does not have room for what is on board."""
    if owners > head.manifest.max_owners or documents > head.manifest.max_documents:
        raise Refusal(Status.INVOICES_ON_BOARD)
