"""What was measured and what was not: the report's Data part and its appendix."""

from fractions import Fraction

from slo_report.report.document import Report
from slo_report.report.over_months import other_readings_part
from slo_report.report.parts.data import Coverage, DefinitionText, Ledger
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.tables import Column, Table, pairs_table, text_table
from slo_report.report.texts import format_ratio
from slo_report.wording import counted, format_count

AppendixPart = tuple[str, list[str], list[Table]]


def data_tables(report: Report) -> list[Table]:
    """Return coverage, ledger, exclusions and the range of what was not measured."""
    tables = [] if report.coverage is None else [_coverage(report.coverage)]
    if report.ledger is not None:
        tables += [_ledger(report.ledger), *_reasons(report.ledger)]
    if report.coverage is not None and report.coverage.gaps:
        gaps = [[_minute(g.from_), _minute(g.to), format_count(g.hours), format_count(g.due)]
                for g in report.coverage.gaps]  # fmt: skip
        columns = [Column("From"), Column("To"), Column("Hours", "number"),
                   Column("Requests due", "number")]  # fmt: skip
        tables.append(Table("Hours without any request in which some were due", columns, gaps))
    if report.exclusions:
        rows = [[e.reason, format_count(e.excluded), e.rule] for e in report.exclusions]
        columns = [Column("Excluded because"), Column("Requests", "number"), Column("Rule")]
        if report.customer is not None:
            rows, columns = [row[:2] for row in rows], columns[:2]
        tables.append(Table("Exclusions: what no objective counts", columns, rows))
    return [*tables, *_unmeasured(report)]


def appendix_parts(report: Report) -> list[AppendixPart]:
    """Return each definition as measured, then where the figures come from."""
    parts = [_definition(definition) for definition in report.definitions]
    return [
        *parts,
        *other_readings_part(report),
        ("Provenance", _provenance(report), _files(report)),
    ]


def _coverage(coverage: Coverage) -> Table:
    return pairs_table("Coverage", ("Hours", "Count"), {
        "Hours of the month": format_count(coverage.hours),
        "Hours with requests": format_count(coverage.hours_with_data),
        "Hours missing (requests were due, none came)":
            f"{format_count(coverage.missing_hours)} ({coverage.missing_text})",
    })  # fmt: skip


def _ledger(ledger: Ledger) -> Table:
    return pairs_table("Ledger: every line of the logs", ("Lines", "Count"), {
        _files_read(ledger.files): format_count(ledger.lines),
        "Loaded": format_count(ledger.loaded),
        "Quarantined (unusable)": format_count(ledger.quarantined),
        "Duplicates": format_count(ledger.duplicates),
        "Of another month": format_count(ledger.outside_period),
        "Blank": format_count(ledger.blank),
    })  # fmt: skip


def _files_read(files: int) -> str:
    return f"Lines of {counted(files, 'file')}"


def _minute(instant: str) -> str:
    """Return an instant of the report's zone without what every row would repeat."""
    return instant[:16].replace("T", " ")


def _reasons(ledger: Ledger) -> list[Table]:
    tables = []
    if ledger.reasons:
        counts = {reason: format_count(n) for reason, n in ledger.reasons.items()}
        tables.append(pairs_table("Why lines were quarantined", ("Reason", "Lines"), counts))
    if ledger.refused:
        rows = [[item.file, item.reason] for item in ledger.refused]
        tables.append(text_table("Files refused as a whole", ("File", "Reason"), rows))
    if ledger.skipped:
        rows = [[file] for file in ledger.skipped]
        tables.append(text_table("Files skipped: another has the same content", ("File",), rows))
    return tables


def _unmeasured(report: Report) -> list[Table]:
    rows = [
        [row.title, _good_share(row), u.low_text, u.high_text, format_count(u.lines),
         "holds" if u.verdict_holds else "could change"]
        for row in report.objectives if (u := row.unmeasured) is not None and u.lines
    ]  # fmt: skip
    columns = [
        Column("Objective"), Column("Good, as measured", "number"),
        Column("Had all been bad", "number"),
        Column("Had all been good", "number"), Column("Lines not measured", "number"),
        Column("Verdict"),
    ]  # fmt: skip
    caption = "The share of good requests, had every unmeasured line been bad or good"
    return [Table(caption, columns, rows[:50], len(rows[50:]))] if rows else []


def _good_share(row: ObjectiveRow) -> str:
    return format_ratio(Fraction(row.good, row.valid)) if row.good is not None and row.valid else ""


def _definition(definition: DefinitionText) -> AppendixPart:
    lines = list(definition.lines)
    for column, count in (("valid", definition.null_valid), ("good", definition.null_good)):
        if count:
            of = counted(count, "request")
            lines.append(f"{column} was neither true nor false for {of}")
    return (definition.title, lines, [])


def _provenance(report: Report) -> list[str]:
    made_by = report.provenance
    if report.customer is not None:
        return [
            f"slo-report {made_by.version}, edition {report.edition} of this month",
            f"from {report.window.from_} to {report.window.to} ({report.timezone})",
            f"from the requests of {report.customer.title} alone",
        ]
    return [
        f"slo-report {made_by.version}, edition {report.edition} of this month",
        f"from {report.window.from_} to {report.window.to} ({report.timezone})",
        f"configuration sha256 {made_by.config_sha256}",
        "files are named relative to slo.yaml; report.json has every figure of this report",
    ]


def _files(report: Report) -> list[Table]:
    rows = [[f.name, format_count(f.lines), f.sha256] for f in report.provenance.files]
    columns = [Column("File"), Column("Lines", "number"), Column("sha256")]
    table = Table("Files read", columns, rows[:50], len(rows[50:]), folded=True)
    return [table] if rows else []
