"""What `tla --version` prints. Imports nothing but what it tells."""

from tla_sim import __version__
from tla_sim.reader_fw.app.software.newest import NEWEST_RELEASE

VERSION_LINE = f"tla {__version__} (reader software {NEWEST_RELEASE})"
"""The product's version, and that of the newest software that its readers run."""
