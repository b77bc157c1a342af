"""tla trace"""

from __future__ import annotations

from tla_sim.tools.cli.trace_convert import convert_trace
from tla_sim.tools.cli.trace_decode import decode_trace
from tla_sim.tools.cli.trace_diff import diff_traces
from tla_sim.tools.cli.trace_follow import follow_running
from tla_sim.tools.cli.trace_pcsc import tap_program
from tla_sim.tools.cli.trace_serial import tap_serial_line
from tla_sim.tools.cli.trace_wireshark import install_wireshark
from tla_sim.tools.cli.verb import new_verb

verb = new_verb("Read, convert and compare traces recorded with --trace.")
verb.command("decode")(decode_trace)
verb.command("diff")(diff_traces)
verb.command("convert")(convert_trace)
verb.command("follow")(follow_running)
verb.command("serial")(tap_serial_line)
verb.command("pcsc", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(
    tap_program
)
verb.command("install-wireshark")(install_wireshark)
