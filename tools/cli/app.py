"""The command line as a whole: its verbs, imported when called, and what happens when one fails.

The verb NAME is the `verb`, a typer.Typer, of the module `tla_sim.tools.cli.NAME`: a single command, or a
group of commands (`tla_sim.tools.cli.verb.new_verb`).
"""

from __future__ import annotations

import codecs
import importlib
import sys
import threading
from collections import UserDict
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.exceptions import TyperException

from tla_sim.protocol.errors import TlaError
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.damage import report_damage
from tla_sim.tools.cli.log_variable import switch_logs_on
from tla_sim.tools.cli.printable import spell_out
from tla_sim.tools.cli.standard_streams import silence
from tla_sim.tools.cli.verb import Group, first_paragraph, simplify, write_commands
from tla_sim.tools.cli.version import VERSION_LINE
from tla_sim.tools.language import Language, language_of_environment, localise, speak
from tla_sim.tools.language.help import translate_help

VERBS: Final = (
    "demo",
    "practice",
    "cards",
    "sim",
    "profiles",
    "visit",
    "snapshot",
    "web",
    "readers",
    "identify",
    "diagnostics",
    "list",
    "clock",
    "push",
    "certify",
    "pull",
    "erase",
    "sign",
    "ledger",
    "invoice",
    "scor",
    "sheet",
    "desk",
    "lot",
    "send",
    "arl",
    "transmit",
    "fse",
    "trace",
    "fuzz",
    "explore",
    "check",
    "galss",
    "ssv",
    "image",
    "update",
)

_SPELT_OUT: Final = "tla-spelt-out"
SUMMARIES: Final = Path(__file__).resolve().with_name("summaries.json")
"""The first sentence of each verb's help, so that `tla --help` lists the verbs without importing them.
Written by `make docs`.
"""


class _LazyVerbs(UserDict[str, Any]):
    """Verbs by name. The module of a verb is imported when the verb is looked up."""

    def __getitem__(self, name: str) -> Any:
        if self.data[name] is None:
            module = importlib.import_module(f"tla_sim.tools.cli.{name}")
            command = typer.main.get_command(module.verb)
            command.name = name
            self.data[name] = simplify(command)
        return translate_help(self.data[name])


@cache
def summaries() -> dict[str, str]:
    """Return the first sentence of each verb's help, in English."""
    import json

    found: dict[str, str] = json.loads(SUMMARIES.read_text("utf-8"))
    return found


class Verbs(Group):
    """The group of all verbs. It turns every failure into a sentence and an exit code."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.commands = _LazyVerbs(dict.fromkeys(VERBS))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the verbs in the order of a round, not of the alphabet."""
        return list(VERBS)

    def make_context(self, *args: Any, **attributes: Any) -> Any:
        """Parse a command line, with plain help and plain values."""
        simplify(self)
        return super().make_context(*args, **attributes)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, in the language spoken."""
        translate_help(self)
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the list of all verbs without importing any."""
        write_commands(formatter, ((name, self._summary(name)) for name in VERBS))

    def _summary(self, name: str) -> str:
        # A new verb has no summary on file until `make docs` has run; import it then.
        known = summaries().get(name)
        return localise(known) if known else first_paragraph(self.commands[name])

    def invoke(self, ctx: Any) -> Any:
        """Run the verb, and turn its failures into an exit code."""
        as_json = "--json" in ctx.args
        try:
            done = super().invoke(ctx)
        except TlaError as error:
            code = failure.report(error, as_json)
            report_damage(as_json, error.message)
            raise typer.Exit(code) from None
        except BrokenPipeError:
            raise typer.Exit(failure.UNHEARD) from None
        except OSError as error:
            raise typer.Exit(failure.report_file(error, as_json)) from None
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(failure.report_stop()) from None
        except typer.Exit as end:
            code = report_damage(as_json)
            if end.exit_code == 0 and code:
                raise typer.Exit(code) from None
            raise
        code = report_damage(as_json)
        if code:
            raise typer.Exit(code)
        return done


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 refused, 2 wrong usage or input file, 3 the link failed or "
    "the outcome is uncertain.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION_LINE)
        raise typer.Exit


def _speak(language: Language | None) -> None:
    speak(language or language_of_environment())


@app.callback()
def _tla(
    version: bool = typer.Option(
        False,
        "--version",
        metavar="",
        callback=_print_version,
        is_eager=True,
        help="Print the version and exit.",
    ),
    lang: Annotated[
        Language | None,
        typer.Option(
            "--lang",
            callback=_speak,
            is_eager=True,
            show_default=False,
            help="The language to speak. Default: from TLA_LANG or the environment.",
        ),
    ] = None,
) -> None:
    """A simulated SESAM-Vitale portable card reader (TLA 1.40), its loader and its test instruments.

    Everything is fictitious: test cards, test authorities. Try: tla demo
    """


def run() -> int:
    """Run the command line of this process. Return its exit code."""
    codecs.register_error(_SPELT_OUT, spell_out)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors=_SPELT_OUT)  # type: ignore[union-attr]
    usual, threading.excepthook = threading.excepthook, failure.report_thread
    try:
        switch_logs_on()
        code = typer.main.get_command(app).main(prog_name="tla", standalone_mode=False)
        return _flush(code if isinstance(code, int) else 0)
    except TlaError as error:
        return failure.report(error)
    except TyperException as error:
        return _flush(failure.report_usage(error, "--json" in sys.argv))
    except typer.Abort:
        return failure.report_stop()
    except SystemExit as end:
        return _flush(end.code if isinstance(end.code, int) else failure.REFUSED)
    except OSError as error:
        return failure.report_file(error)
    except (ImportError, MemoryError) as error:
        return failure.report_unloaded(error)
    except Exception as error:
        return failure.report_internal(error)
    finally:
        threading.excepthook = usual


def _flush(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
        return failure.UNHEARD
    return code
