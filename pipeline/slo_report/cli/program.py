"""The program as Typer sees it, and the options that several commands share."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The monthly SLO report, from request logs.",
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="slo.yaml; else $SLO_REPORT_CONFIG, else ./slo.yaml."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        help="Take this as the present time: 2026-05-01T06:00:00 (UTC).",
        formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"],
        metavar="TIME",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


def config_path(given: Path | None) -> Path:
    """Return the slo.yaml to use: --config, else $SLO_REPORT_CONFIG, else ./slo.yaml."""
    return given or Path(os.environ.get("SLO_REPORT_CONFIG") or "slo.yaml")


def present_time(as_of: datetime | None) -> datetime:
    """Return what --as-of says, else the clock's time."""
    return as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC)
