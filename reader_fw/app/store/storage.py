"""Everything that the firmware keeps in flash, opened together: file system, vault, invoices, settings.

The boot area (`boot_area`) has the last sectors of a flash that is large enough for one, the vault the two
before them, and the file system all others.
"""

from __future__ import annotations

from typing import NamedTuple

from tla_sim.reader_fw.app.software.boot_area import boot_sectors
from tla_sim.reader_fw.app.store.invoice_store import InvoiceStore, Limits
from tla_sim.reader_fw.app.store.sealing import Sealer
from tla_sim.reader_fw.app.store.settings import Settings
from tla_sim.reader_fw.app.store.vault import VAULT_SECTORS, Vault
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.board.filesystem import FlashFileSystem
from tla_sim.reader_fw.board.flash import NorFlash


class Storage(NamedTuple):
    """What `open_storage` opened. Close it when the reader is switched off."""

    fs: FlashFileSystem
    vault: Vault
    store: InvoiceStore
    settings: Settings

    def close(self) -> None:
        """Release the file system. Without this nothing is lost but some memory."""
        self.fs.close()


def open_storage(
    flash: NorFlash, device_key: bytes, entropy: Entropy, limits: Limits | None = None
) -> Storage:
    """Open what the flash holds; format a blank flash.

    Raises FileSystemDamaged or VaultDamaged, without changing anything, when the flash cannot be trusted, and
    PowerCut when power fails.
    """
    sealer = Sealer(device_key, entropy)
    others = boot_sectors(flash)
    first = flash.sectors - others - VAULT_SECTORS
    fs = FlashFileSystem.open(flash, 0, first, others)
    try:
        vault = Vault(flash, first, sealer, entropy)
        return Storage(fs, vault, InvoiceStore(fs, vault, sealer, entropy, limits), Settings(fs, sealer))
    except BaseException:
        fs.close()
        raise
