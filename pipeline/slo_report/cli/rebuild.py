"""`slo-report rebuild`: the store anew from the logs."""

from slo_report.cli.output import log, logged, printable, put
from slo_report.cli.program import ConfigOption, QuietOption, app, config_path
from slo_report.errors import InputError
from slo_report.wording import counted


@app.command()
def rebuild(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Make the store anew from all logs, and say whether it is the same."""
    from slo_report.rebuild import rebuild as rebuild_store
    from slo_report.slo_yaml.build import load_definition

    with logged(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        done = rebuild_store(definition, progress)
        if done.kept is not None:
            why = "held something else" if done.is_same is False else "could not be read"
            log.warning("the store before %s; it is kept as %s", why, done.kept.name)
    if not quiet:
        held = done.contents
        same = ", as before" if done.is_same else ""
        put(
            printable(
                f"{counted(held.files, 'file')}, {counted(held.requests, 'request')}, "
                f"digest {held.digest}{same}"
            )
            + "\n"
        )
    if done.refused:
        raise InputError("\n".join(f"refused {name}: {reason}" for name, reason in done.refused))
