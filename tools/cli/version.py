"""The line that `tla --version` prints, in a module that imports nothing else."""

from tla_sim import __version__
from tla_sim.reader_fw.app.software.newest import NEWEST_RELEASE

VERSION_LINE = f"tla {__version__} (reader software {NEWEST_RELEASE})"
"""The version of the product, and of the newest software that its readers run."""
