"""Where `tla` starts. `--version` answers before anything else is imported."""

from __future__ import annotations

import sys

from tla_sim.tools import __version__


def main() -> int:
    """Run the command line; its exit code."""
    if sys.argv[1:] == ["--version"]:
        print(f"tla {__version__}")
        return 0
    from tla_sim.tools.language.process import settle

    settle(sys.argv)
    from tla_sim.tools.cli.app import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
