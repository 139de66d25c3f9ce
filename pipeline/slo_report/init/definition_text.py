"""The text of a slo.yaml to start from, and what in it its writer has to look at.

Fields are recognised by their names alone, so what a name leaves open (a unit, a zone) is marked
`# check this` and told.
"""

import json
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from slo_report.deliver import write_whole
from slo_report.errors import DefinitionError, DiskError
from slo_report.init.fields import CHECK, recognised_fields
from slo_report.init.sample import Sample, read_sample
from slo_report.slo_yaml.log_definition import LogFormat

OTHERS = 30
"""Fields that were not recognised and are named."""


def write_definition(path: Path, log: Path | None, *, force: bool) -> list[str]:
    """Write a slo.yaml and return what its writer has to look at.

    Raises DefinitionError where there is one already and `force` is not given.
    """
    if not force and (path.exists() or path.is_symlink()):
        raise DefinitionError(f"{path} is there already; write over it with --force")
    text, doubts = definition_text(path, log)
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise DiskError(f"cannot write {path}: {error.strerror}") from error
    return doubts


def definition_text(path: Path, log: Path | None) -> tuple[str, list[str]]:
    """Return the text of a slo.yaml at `path`, and what in it is a guess."""
    if log is None:
        sample, pattern = Sample(LogFormat.COMBINED), "access.log*"
    else:
        sample, pattern = read_sample(log), _pattern(path, log)
        if sample.format is LogFormat.COMBINED and pattern.endswith(".log"):
            pattern += "*"
    fields = recognised_fields(sample)
    known = {column for column, _ in fields} | (
        {"ts", "method", "path", "status"} if sample.format is LogFormat.COMBINED else set()
    )
    lines = [
        "# What is promised, for slo-report. Each key: docs/configuration/README.md.",
        "service: my service             # the name in the head of the report",
        "timezone: UTC                   # months and days are cut in this zone: Europe/Berlin",
        "",
        "logs:",
        f"  - path: {json.dumps(pattern, ensure_ascii=False)}",
        f"    format: {sample.format}",
        *_field_lines(fields),
        *_other_lines(sample, fields),
        "",
        "slos:",
        *_slo_lines(known),
    ]
    doubts = [
        f"{path.name}:{number}: {line[line.index(CHECK) + 2 :]}"
        for number, line in enumerate(lines, start=1)
        if CHECK in line
    ]
    return "\n".join(lines) + "\n", doubts


def _field_lines(fields: Sequence[tuple[str, str]]) -> list[str]:
    if not fields:
        return []
    return [
        "    fields:                     # column: the log's own field",
        *(f"      {column}: {mapped}" for column, mapped in fields),
    ]


def _other_lines(sample: Sample, fields: Sequence[tuple[str, str]]) -> list[str]:
    """Return a comment with the fields of the log that were not recognised."""
    used = " ".join(mapped for _, mapped in fields)
    names = [json.dumps(name) for name in sample.values]
    others = [
        name[1:-1] for name in names if not re.search(rf"(?<!\w){re.escape(name[1:-1])}\b", used)
    ]
    if not others:
        return []
    told = ", ".join(others[:OTHERS]) + (", ..." if len(others) > OTHERS else "")
    shown = textwrap.wrap(f"also in the log: {told}", 90, break_long_words=False)
    return [f"      # {line}" for line in shown]


def _slo_lines(known: set[str]) -> list[str]:
    lines = []
    if "status" in known:
        lines.append("  - {id: availability, good: status < 500, target: 99.9%}")
    if "duration" in known:
        lines.append("  - {id: latency, value: duration, p99: < 1 s}")
    if not lines:
        lines.append(
            "  - {id: availability, good: ts is not null, target: 99.9%}"
            f"  {CHECK}: say what a good request is"
        )
    elif "duration" not in known:
        lines.append(
            "  # - {id: latency, value: duration, p99: < 1 s}   # where the log has durations"
        )
    return lines


def _pattern(path: Path, log: Path) -> str:
    """Return how slo.yaml names the log: relative to itself where the log lies beneath it."""
    folder = path.parent.resolve()
    whole = log.resolve()
    try:
        named = whole.relative_to(folder).as_posix()
    except ValueError:
        named = whole.as_posix()
    return re.sub(r"([*?[])", r"[\1]", named)
