"""The entry point of `tla`. It answers `--version` before anything else is imported."""

from __future__ import annotations

import sys

from tla_sim.tools.cli.version import VERSION_LINE

_YOUNG = 100_000
"""Allocations between two collections of the youngest generation; Python's default is 700."""
_STOPPED = 130
"""The exit code after Ctrl-C, as of shells."""


def main() -> int:
    """Run the command line of this process. Return its exit code."""
    if sys.argv[1:] == ["--version"]:
        print(VERSION_LINE)
        return 0
    import gc

    from tla_sim.tools.cli.standard_streams import fill_standard_streams

    fill_standard_streams()

    # A start creates modules and hardly any garbage: collecting as often as usual costs a tenth of the start,
    # and a full collection at the end as much again.
    gc.set_threshold(_YOUNG)
    try:
        from tla_sim.tools.language.process import settle

        settle(sys.argv)
        from tla_sim.tools.cli.app import run

        return run()
    except ModuleNotFoundError:
        raise
    except ImportError as error:  # before there was anything that could say it in French
        print(
            f"A part of tla cannot be loaded: {error.msg}. "
            "Check the disk and the memory of this machine, then run the same command again.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:  # before there was anything that could say so
        return _STOPPED
    finally:
        gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
