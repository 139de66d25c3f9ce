"""The command line, one command a module: options in, exit status out.

Standard output carries the result, standard error the log; with --quiet a success prints nothing.
Heavy imports wait until a command needs them, so that --help answers at once.
"""

from slo_report.cli import check, gate, init, load, month, rebuild, send
from slo_report.cli.process import run
from slo_report.cli.program import app

COMMANDS = (month, check, gate, init, load, rebuild, send)

__all__ = ["COMMANDS", "app", "main"]


def main() -> None:
    """Run the program."""
    run(app)
