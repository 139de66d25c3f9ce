"""`slo-report load`: what is new, every day."""

from typing import TYPE_CHECKING

from slo_report.cli.output import logged, put
from slo_report.cli.program import ConfigOption, QuietOption, app, config_path
from slo_report.errors import InputError
from slo_report.wording import counted

MOST_FILES = 5
"""Files whose unusable lines are told of."""

if TYPE_CHECKING:
    from slo_report.load.result import LoadResult


@app.command()
def load(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Load new log files into the store and stop."""
    from slo_report.load_new import load_new
    from slo_report.slo_yaml.build import load_definition

    with logged(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        result = load_new(definition, progress)
        if not quiet:
            put("\n".join([_summary(result), *_bad_lines(result)]) + "\n")
    if not result.found_any:
        patterns = ", ".join(pattern for log in definition.logs for pattern in log.paths)
        raise InputError(
            f"no log file found (looked for {patterns}, beside {definition.path.name})"
        )
    if result.refused:
        raise InputError("\n".join(f"refused {name}: {reason}" for name, reason in result.refused))


def _bad_lines(result: "LoadResult") -> list[str]:
    """Return why lines could not be used, of the files with the first of them."""
    more = len(result.bad_lines) - MOST_FILES
    told = [f"  quarantined: {told}" for told in result.bad_lines[:MOST_FILES]]
    return told + [f"  and in {counted(more, 'file')} more"] * (more > 0)


def _summary(result: "LoadResult") -> str:
    """Return what a load did, in one line."""
    told = f"{counted(len(result.loaded), 'file')} loaded, {counted(result.usable, 'request')}"
    for number, what in (
        (result.quarantined, "quarantined"),
        (len(result.known), "known before"),
        (len(result.skipped), "skipped"),
        (len(result.refused), "refused"),
        (len(result.taken_out), "taken out"),
    ):
        told += f", {number:,} {what}" if number else ""
    return told
