"""One small month from a seed: slo.yaml, log files, and the same definition as Python values."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from .definition import Column, Definition
from .generated_files import LogFiles
from .generated_lines import BAD_FIELDS, BAD_FORMS, LineForm, write_bad_line, write_line
from .generated_requests import (
    TEMPLATES,
    Draft,
    Traits,
    draw_instants,
    draw_request,
    exact_lane,
)
from .generated_slos import draw_customers, draw_exclusions, draw_slos
from .log_values import duration_us
from .months import HOUR_US, month_span
from .slo_yaml import write_slo_yaml

DAY_US = 24 * HOUR_US


@dataclass(frozen=True)
class Case:
    """A generated month, and what the generator knows that it put in."""

    seed: int
    definition: Definition
    slo_yaml: str
    files: dict[str, bytes]
    bad_lines: Counter[str]
    features: frozenset[str]

    def write(self, folder: Path) -> Path:
        """Write slo.yaml and the logs; return the path of slo.yaml."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        config = folder / "slo.yaml"
        config.write_text(self.slo_yaml, encoding="utf-8")
        return config


def generate(seed: int) -> Case:
    """Build the case of a seed; the same seed gives the same bytes."""
    rng, traits = Random(seed), Traits(seed)
    form = LineForm(rng.choice(("ms", "s")), traits.ts_is_end)
    drafts = _drafts(rng, traits)
    month = month_span(traits.month, ZoneInfo(traits.place[0]))
    files = LogFiles(rng, traits, month)
    for number, draft in enumerate(drafts):
        request_id = None if rng.random() < 0.05 else f'"req-{number}"'
        files.add(draft.ts_us, write_line(rng, form, draft, request_id))
        if request_id is not None and draft.ts_us == month[0] - 1 and seed % 3 == 0:
            _add_duplicate(rng, form, files, draft, request_id, later_us=month[0] + 5)
        elif request_id is not None and rng.random() < 0.04:
            later_us = draft.ts_us + rng.choice((0, 0, 1, 90 * 10**6))
            _add_duplicate(rng, form, files, draft, request_id, later_us=later_us)
    if seed % 7 == 2:
        _add_number_ids(rng, form, files, drafts[0])
    bad_lines = _add_bad_lines(rng, form, files, drafts[0])
    slos = draw_slos(rng, traits, [_us(draft) for draft in drafts if draft.duration_text])
    zone, month_name = traits.place
    definition = Definition(
        month=month_name,
        timezone=zone,
        columns=_columns(form, has_path=traits.has_templates),
        templates=TEMPLATES if traits.has_templates else None,
        slos=slos,
        exclusions=draw_exclusions(rng, traits, slos),
        customers=draw_customers(rng, traits, slos),
        breakdowns=BREAKDOWNS[seed % len(BREAKDOWNS)],
        quarantined_limit=rng.choice((None, "10%", "2.5%")),
    )
    contents = files.contents()
    return Case(
        seed=seed,
        definition=definition,
        slo_yaml=write_slo_yaml(definition, ["logs/*"]),
        files=contents,
        bad_lines=bad_lines,
        features=frozenset(files.features | _features(traits, definition, form)),
    )


BREAKDOWNS = (
    ("endpoint", "customer", "replica"),
    None,
    ("customer", "region", "cached"),
    ("replica", "endpoint", "customer", "cache"),
)


def _drafts(rng: Random, traits: Traits) -> list[Draft]:
    """Draw the month's requests, those of its neighbours, and the exact lane."""
    start_us, end_us = month_span(traits.month, ZoneInfo(traits.place[0]))
    instants = draw_instants(rng, traits)
    instants += [start_us - 1, end_us]
    instants += [start_us - rng.randrange(40 * DAY_US) for _ in range(len(instants) // 3)]
    instants += [end_us + rng.randrange(5 * DAY_US) for _ in range(12)]
    drafts = [draw_request(rng, traits, instant) for instant in instants]
    rng.choice(drafts[: len(drafts) // 2]).fields["customer"] = '"only once"'
    if traits.reserved:
        for draft in rng.sample(drafts, 30):
            draft.fields |= {"customer": '"reserver"', "replica": '"r9"'}
        if traits.seed % 12 == 3:  # someone else on the replica, and the customer elsewhere
            drafts[0].fields |= {"customer": '"acme"', "replica": '"r9"'}
            drafts[1].fields |= {"customer": '"reserver"', "replica": "null"}
    return drafts + (exact_lane(rng, traits) if traits.exact_lane else [])


def _add_duplicate(
    rng: Random, form: LineForm, files: LogFiles, draft: Draft, request_id: str, *, later_us: int
) -> None:
    """Add a second line of the id: at the same microsecond or later, and with another status."""
    if not files.is_in_month(later_us) and not files.has_far_duplicates:
        return
    again = Draft(later_us, draft.duration_text, draft.fields | {"status": "500"})
    if draft.fields.get("lane") == '"exact"':
        again.fields = draft.fields  # whichever stays, the lane's figures hold
    files.add(later_us, write_line(rng, form, again, request_id), duplicate=True)
    if files.is_in_month(later_us) and not files.is_in_month(draft.ts_us):
        files.features.add("duplicate of a request of the month before")


def _add_number_ids(rng: Random, form: LineForm, files: LogFiles, draft: Draft) -> None:
    """Add two lines with the id 17, as a number and as a text: one request."""
    files.add(draft.ts_us, write_line(rng, form, draft, "17"))
    files.add(draft.ts_us, write_line(rng, form, draft, '"17"'), duplicate=True)


def _add_bad_lines(rng: Random, form: LineForm, files: LogFiles, draft: Draft) -> Counter[str]:
    reasons = rng.choices((*BAD_FIELDS, *BAD_FORMS), k=rng.choice((3, 8, 20)))
    for reason in reasons:
        files.add_bad(write_bad_line(rng, form, draft, reason))
    return Counter(reasons)


def _columns(form: LineForm, *, has_path: bool) -> tuple[Column, ...]:
    return (
        Column("ts", "time", is_end=form.ts_is_end),
        Column("request_id", "id"),
        Column("method", "method"),
        Column("path", "path") if has_path else Column("route", "route"),
        Column("status", "status", "integer"),
        Column("duration", "took", form.duration_unit),
        Column("first_byte", "timing.first", "s"),
        Column("customer", "customer"),
        Column("replica", "replica"),
        Column("region", "region"),
        Column("lane", "lane"),
        Column("cache", "cache"),
        Column("fault", "fault", default=""),
        Column("cached", "flags.cached", "boolean"),
        Column("tokens_in", "usage.in", "integer"),
        Column("tokens_out", "usage.out", "integer"),
        Column("tokens_hit", "usage.hit", "integer"),
        Column("cost", "cost", "number"),
        Column("skew", "skew", "integer", signed=True),
    )


def _us(draft: Draft) -> int:
    return duration_us(draft.duration_text or "0", "ms")


def _features(traits: Traits, definition: Definition, form: LineForm) -> set[str]:
    """Name what the case has, so that a test can ask that all cases together have everything."""
    features = {f"zone {definition.timezone}", f"traffic {traits.traffic}"}
    features.add(f"durations in {form.duration_unit}")
    features.add("end of request logged" if form.ts_is_end else "start of request logged")
    features.add("templates" if traits.has_templates else "routes")
    features |= {f"breakdown {column}" for column in definition.breakdowns or ("default",)}
    for rule in definition.exclusions:
        by = ("predicate" if rule.where else "") + (" time" if rule.since else "")
        features.add(f"exclusion by {by.strip()}")
        features.add("exclusion limited" if rule.slos else "exclusion for all")
        if rule.since is not None:
            has_offset = rule.since[19:] != ""
            features.add("exclusion with offset" if has_offset else "exclusion in report zone")
    for slo in definition.slos:
        features.add(f"window {slo.window}")
        features |= {f"statistic {name}" for row in slo.rows for name in row.targets}
        for row in slo.rows:
            features |= {f"each {column}" for column in row.choices}
            features |= {"each list" for values in row.choices.values() if len(values) > 1}
            features |= {"target by month" for t in row.targets.values() if len(t.texts) > 1}
            if row.title:
                features.add("each title")
    if any(customer.reserved for customer in definition.customers):
        features.add("reserved")
    return features
