"""Rounds of fuzzing: a few files of mutated lines, loaded, and held against the judge."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from slo_report.errors import SloReportError
from slo_report.load.load import load_logs
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field, LogFormat
from slo_report.store import Store, open_store
from tests.load.definitions import FIELDS, definition, log

from .judge import (
    MAX_LINE_BYTES,
    Judged,
    Row,
    UndecidedError,
    judge_combined,
    judge_csv,
    judge_jsonl,
)
from .lines import CSV_HEADER, GOOD, NAMES, damaged_pack, mutated, unpacked

HITS = (
    Field("ts", "time_local", Kind.TIMESTAMP, time_format="%d/%b/%Y:%H:%M:%S %z", time_is_end=True),
    Field("method", "request_method", Kind.TEXT),
    Field("path", "request_uri", Kind.TEXT),
    Field("status", "status", Kind.INTEGER),
    Field("duration", "request_time", Kind.DURATION, unit="s"),
    Field("customer", "remote_user", Kind.TEXT),
    Field("request_id", "http_user_agent", Kind.TEXT),
)
_COLUMNS = {
    "jsonl": ("request_id", "status", "duration", "customer", "tokens", "cost", "ai"),
    "combined": ("request_id", "status", "duration", "customer", "method", "path"),
}
_COLUMNS["csv"] = _COLUMNS["jsonl"]


@dataclass(frozen=True)
class FuzzFile:
    """One file: what lies there, what it unpacks to, and the ids of lines nobody touched."""

    form: str
    name: str
    raw: bytes
    content: bytes | None
    """None where the packing is damaged: the whole file is refused."""
    untouched: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What the store has of one file."""

    state: str
    reason: str | None
    lines: int
    blank: int
    usable: int
    rows: list[Row]
    bad: list[tuple[int, str]]


def fuzz_definition(folder: Path) -> Definition:
    """Return the definition that the judge knows by heart."""
    logs = (
        ("jsonl", LogFormat.JSONL, FIELDS),
        ("csv", LogFormat.CSV, FIELDS),
        ("combined", LogFormat.COMBINED, HITS),
    )
    return definition(
        folder,
        *(
            log(f"*.{name}*", name=name, form=form, fields=fields, max_line_bytes=MAX_LINE_BYTES)
            for name, form, fields in logs
        ),
    )


def make_file(rng: Random, form: str, tag: str, *, large: bool = False) -> FuzzFile:
    """Return a file of good lines, some of them mutated, packed or not, whole or not."""
    # With one line in doubt a file goes another way than with many.
    count = rng.choice((1, 3, 3, 10, 40, 150))
    ids = [f"{tag}-{number}" for number in range(count)]
    lines = [GOOD[form](rng, one) for one in ids]
    touched = set(rng.sample(range(count), min(count, rng.choice((0, 1, 1, 1, 2, 5, 20)))))
    whole = list(lines)
    for at in touched:
        lines[at] = mutated(rng, lines[at], whole)
    end = rng.choice((b"\n", b"\n", b"\n", b"\r\n"))
    content = end.join(lines) + (end if rng.random() < 0.8 else b"")
    if large:
        more = (GOOD[form](rng, f"{tag}-more-{number}") for number in range(200))
        filling = b"\n".join(more) + b"\n"
        times = (17 << 20) // len(filling)
        before = rng.randrange(times)
        content = filling * before + content.rstrip(b"\n") + b"\n" + filling * (times - before)
    if form == "csv":
        content = CSV_HEADER + content
    if rng.random() < 0.05:
        content = b"\xef\xbb\xbf" + content
    untouched = frozenset(one for number, one in enumerate(ids) if number not in touched)
    if rng.random() < 0.03:
        content, untouched = content[: rng.randrange(len(content) + 1)], frozenset[str]()
    return _packed(rng, form, tag, content, untouched)


def _packed(
    rng: Random, form: str, tag: str, content: bytes, untouched: frozenset[str]
) -> FuzzFile:
    if rng.random() < 0.8:
        return FuzzFile(form, f"{tag}.{form}", content, content, untouched)
    raw = gzip.compress(content, mtime=0, compresslevel=rng.choice((0, 6)))
    if rng.random() < 0.6:
        raw = damaged_pack(rng, raw)
    whole = unpacked(raw) if raw.startswith(b"\x1f\x8b") else None
    untouched = untouched if whole == content else frozenset[str]()
    return FuzzFile(form, f"{tag}.{form}.gz", raw, whole, untouched)


def load_files(folder: Path, files: list[FuzzFile]) -> list[Outcome | str]:
    """Load files into a store of their own; return what it has of each, or the exception."""
    for file in files:
        (folder / file.name).write_bytes(file.raw)
    path = folder / "slo.duckdb"
    try:
        with open_store(path, threads=2) as store:
            load_logs(store, fuzz_definition(folder), lambda _: None)
            return [_outcome(store, file) for file in files]
    except SloReportError as error:
        return [f"the load ended with: {error}"]
    except Exception as error:  # what it is, is what we are here for
        return [f"{type(error).__name__}: {error}"[:600]]
    finally:
        for file in files:
            (folder / file.name).unlink()
        for left in folder.glob("slo.duckdb*"):
            left.unlink()


def _outcome(store: Store, file: FuzzFile) -> Outcome:
    found = store.rows(
        "SELECT file_id, state, reason, lines, blank, usable FROM files WHERE name = $1",
        [file.name],
    )
    [(file_id, state, reason, lines, blank, usable)] = found
    columns = ", ".join(_COLUMNS[file.form])
    rows = store.rows(
        f"SELECT epoch_us(ts), {columns} FROM requests WHERE file_id = $1 ORDER BY rowid", [file_id]
    )
    bad = store.rows(
        "SELECT line, reason FROM quarantine WHERE file_id = $1 ORDER BY line", [file_id]
    )
    return Outcome(state, reason, lines, blank, usable, rows, bad)


def violations(file: FuzzFile, outcome: Outcome) -> Iterator[str]:
    """Yield each way in which the store's word on a file is not the judge's."""
    if outcome.state == "skipped":
        return
    if outcome.state == "refused":
        yield from _refusal(file, outcome)
        return
    if file.content is None:
        yield "a damaged pack was loaded"
        return
    usable, bad = len(outcome.rows), len(outcome.bad)
    if usable != outcome.usable or outcome.lines != usable + bad + outcome.blank:
        yield f"{outcome.lines} lines, but {usable} rows, {bad} bad, {outcome.blank} blank"
    ids = {row[1] for row in outcome.rows}
    # A quote that a mutation opens may take whole records of CSV with it.
    if file.form != "csv" and (lost := sorted(file.untouched - ids)):
        yield f"lost untouched lines: {lost[:5]}"
    try:
        judged = judge(file.form, file.content)
    except UndecidedError:
        return
    yield from _differences(outcome, judged)


def _refusal(file: FuzzFile, outcome: Outcome) -> Iterator[str]:
    reason = outcome.reason or ""
    by_pack = "gzip" in reason or "unpacks to" in reason
    if not reason:
        yield "refused without a reason"
    elif file.content is not None and by_pack:
        if "200 times" not in reason:
            yield f"a sound pack was refused: {reason}"
    elif not by_pack and not _may_be_refused(file):
        yield f"refused: {reason}"


def _may_be_refused(file: FuzzFile) -> bool:
    """Tell a header that is none and a text that is binary."""
    content = file.content or b""
    header = content.split(b"\n")[0] + b"\n"
    damaged_header = file.form == "csv" and header.removeprefix(b"\xef\xbb\xbf") != CSV_HEADER
    head = content[:4096]
    starts = (b"PK\x03\x04", b"BZh", b"PAR1", b"\xff\xfe", b"\xfe\xff", b"\xfd7zXZ", b"\x1f\x8b")
    return damaged_header or head.count(b"\0") * 10 > len(head) or head.startswith(starts)


def judge(form: str, content: bytes) -> Judged:
    """Return the judge's word."""
    if form == "jsonl":
        return judge_jsonl(content)
    if form == "combined":
        return judge_combined(content)
    return judge_csv(content, NAMES)


def _differences(outcome: Outcome, judged: Judged) -> Iterator[str]:
    if (outcome.lines, outcome.blank) != (judged.lines, judged.blank):
        yield (
            f"{outcome.lines} lines ({outcome.blank} blank), judged {judged.lines} ({judged.blank})"
        )
    if outcome.bad != judged.bad:
        got, wanted = set(outcome.bad), set(judged.bad)
        yield f"quarantined {sorted(got - wanted)[:4]}, judged {sorted(wanted - got)[:4]}"
    elif outcome.rows != judged.rows:
        if sorted(outcome.rows, key=repr) == sorted(judged.rows, key=repr):
            yield "rows are not in the order of their lines"
            return
        pairs = zip(outcome.rows, judged.rows, strict=False)
        wrong = [(got, wanted) for got, wanted in pairs if got != wanted]
        yield f"rows {len(outcome.rows)}, judged {len(judged.rows)}; first: {wrong[:1]}"


def smaller(file: FuzzFile, is_wrong: Callable[[FuzzFile], bool], *, tries: int = 300) -> FuzzFile:
    """Return a file as small as can be found quickly that is still wrong: lines go, then bytes."""
    content = file.content
    if content is None or not file.raw or is_wrong(_plain(file, content)) is False:
        return file
    best = _plain(file, content)
    head = CSV_HEADER if file.form == "csv" else b""
    for separator in (b"\n", b""):
        body = (best.content or b"").removeprefix(head)
        parts = body.split(separator) if separator else [body[i : i + 1] for i in range(len(body))]
        size = max(1, len(parts) // 2)
        while size and tries:
            at = 0
            while at < len(parts) and tries:
                tries -= 1
                fewer = parts[:at] + parts[at + size :]
                candidate = _plain(file, head + separator.join(fewer))
                if is_wrong(candidate):
                    parts, best = fewer, candidate
                else:
                    at += size
            size //= 2
    return best


def _plain(file: FuzzFile, content: bytes) -> FuzzFile:
    return FuzzFile(file.form, f"small.{file.form}", content, content, frozenset())


__all__ = ["FuzzFile", "Outcome", "load_files", "make_file", "smaller", "violations"]
