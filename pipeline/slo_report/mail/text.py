"""The mail's text part: the whole summary, to be read alone."""

import re
from collections.abc import Iterator, Sequence
from typing import cast

from slo_report.judge.verdicts import Verdict
from slo_report.mail.summary import Summary, verdict_text
from slo_report.report.escape import name, visible
from slo_report.report.head import FROM_THE_LOGS
from slo_report.report.tables import Table

LINE_CUT = 400
NOTE_CUT = 4000

_SIGN_AT_END = re.compile(r"(?:met )?(✓|✗)$")
_FIGURE = "0123456789<>=≥≤−-+"
_WORDS = {"✓": "✓ met", "✗": "✗ missed"}


def render_text(summary: Summary) -> str:
    """Return the text part."""
    report = summary.report
    blocks = [
        [name(report.service, LINE_CUT)],
        [_head_line(line) for line in report.head],
        [summary.page.verdict_sentence],
        [f"- {name(reason, LINE_CUT)}" for reason in summary.reasons],
        ["Notable", *(_notable(summary) or ["- Nothing."])],
        # What a team decides is none of its customers' business.
        [] if report.customer else ["What to do now", *_policy(summary)],
        ["In pictures", *(f"- {chart.alt}" for chart in summary.charts)] if summary.charts else [],
        *(_table(table) for table in (*summary.tables, *summary.data)),
        [name(warning, LINE_CUT) for warning in report.warnings[:10]],
        [*_footer(summary)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _head_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    shown = name(line.removeprefix(indent), LINE_CUT)
    return indent + _SIGN_AT_END.sub(lambda sign: _WORDS[sign[1]], shown)


def _notable(summary: Summary) -> list[str]:
    said = []
    by_hand = False
    for item in summary.notable:
        if by_hand and not item.by_hand:
            said += ["", f"{FROM_THE_LOGS}:"]
        by_hand = item.by_hand
        whole = item.text[:NOTE_CUT].replace("\r\n", "\n")
        first, *others = [visible(line) for line in whole.strip("\n").split("\n")]
        said += [f"- {first}", *(f"  {line}".rstrip() for line in others)]
    return said


def _policy(summary: Summary) -> Iterator[str]:
    policy = summary.report.policy
    if policy is None:
        yield "No objective has an error budget, so the policy asks for nothing."
    else:
        state = name(policy.state, LINE_CUT)
        yield f"The policy says {state}: {name(summary.page.policy_because, LINE_CUT)}."
        yield from (f"- {name(action, LINE_CUT)}" for action in summary.actions)
    if summary.page.beside_policy:
        yield name(summary.page.beside_policy, LINE_CUT)
    if summary.open_items:
        yield "Open:"
        yield from (f"- {name(item, LINE_CUT)}" for item in summary.open_items)


def _table(table: Table) -> list[str]:
    lines = [name(table.caption, LINE_CUT)]
    kinds = [column.kind for column in table.columns]
    labels = [column.label for column in table.columns]
    for row in table.rows:
        first, *others = [
            verdict_text(cast(Verdict, cell)) if kind == "verdict" else name(cell, LINE_CUT)
            for cell, kind in zip(row, kinds, strict=True)
        ]
        lines.append(f"- {first}: {', '.join(_labelled(others, labels[1:], kinds[1:]))}")
    if table.more:
        lines.append(f"  {table.more:,} more in report.json.")
    return lines


def _labelled(cells: Sequence[str], labels: Sequence[str], kinds: Sequence[str]) -> Iterator[str]:
    """Yield the cells of a line; figures whose column says what they are get its name."""
    for cell, label, kind in zip(cells, labels, kinds, strict=True):
        if cell and kind == "number" and label not in ("Measured", "Count", "Lines"):
            # A budget without a share is "exhausted", and that isn't used.
            yield f"{label.lower() if cell[0] in _FIGURE else label.split()[0].lower()} {cell}"
        elif cell:
            yield cell


def _footer(summary: Summary) -> Iterator[str]:
    report = summary.report
    yield (
        f"{name(report.service, LINE_CUT)}, {report.window.from_} to {report.window.to} "
        f"({report.timezone}), edition {report.edition}. Made by slo-report "
        f"{report.provenance.version} from request logs."
    )
    if summary.attached:
        yield f"The whole report is attached: {', '.join(summary.attached)}"
