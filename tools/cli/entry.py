"""Where `tla` starts. `--version` answers before anything else is imported."""

from __future__ import annotations

import sys

from tla_sim.tools.cli.version import VERSION_LINE


def main() -> int:
    """Run the command line; its exit code."""
    if sys.argv[1:] == ["--version"]:
        print(VERSION_LINE)
        return 0
    from tla_sim.tools.language.process import settle

    settle(sys.argv)
    from tla_sim.tools.cli.app import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
