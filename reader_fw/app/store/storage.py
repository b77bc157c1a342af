"""All that the firmware keeps on the flash, opened together: file system, key store, invoices, settings.

The last sectors of the flash are those of the boot area (`boot_area`), where there is room for one; two
before them are the vault's, all before those the file system's.
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
    """What `open_storage` opened; to be closed when the reader is switched off."""

    fs: FlashFileSystem
    vault: Vault
    store: InvoiceStore
    settings: Settings

    def close(self) -> None:
        """Let go of the flash. Nothing is lost by not closing but some memory."""
        self.fs.close()


def open_storage(
    flash: NorFlash, device_key: bytes, entropy: Entropy, limits: Limits | None = None
) -> Storage:
    """Take up what the flash holds; a blank flash is made ready.

    Raises FileSystemDamaged or VaultDamaged when the flash cannot be trusted (nothing is changed then),
    PowerCut when the power goes.
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
