"""The other readings say what a recount of the log's lines says."""

from pathlib import Path
from typing import Any

import pytest

from tests.reference.generated_month import generate
from tests.reference.other_readings import Recounted, recounted
from tests.test_against_reference import measured

pytestmark = pytest.mark.long

SEEDS = range(12)
RULINGS = (
    "Requests that `valid`", "Excluded requests", "Callers'", "429 stays", "Failed requests",
    "The window",
)  # fmt: skip


def told(reading: dict[str, Any]) -> Recounted:
    ruling = next(start for start in RULINGS if reading["ruling"].startswith(start))
    said = "over " if ruling == "The window" else reading["reading"]
    return Recounted(
        reading["objective"], ruling, said, reading["valid"], reading["good"],
        reading["verdict"] == "met",
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_every_reading_is_what_a_recount_says(seed: int, tmp_path: Path) -> None:
    case = generate(seed)
    config = case.write(tmp_path)
    document = measured(config, case.definition.month, tmp_path / "reports")
    counted = {row["id"] for row in document["objectives"] if row["good"] is not None}
    by_day = {slo.id for slo in case.definition.slos if slo.window == "day"}
    readings = [
        told(reading)
        for reading in document["other_readings"]
        if reading["objective"] in counted
        and reading["objective"].split("[")[0].split(".")[0] not in by_day
    ]
    expected = recounted(tmp_path, case.definition)
    assert sorted(map(str, readings)) == sorted(map(str, expected))
    assert len(expected) > 5


def test_a_reading_turns_a_verdict_exactly_where_the_two_differ(tmp_path: Path) -> None:
    case = generate(SEEDS[0])
    document = measured(case.write(tmp_path), case.definition.month, tmp_path / "reports")
    verdicts = {row["id"]: row["verdict"] for row in document["objectives"]}
    for reading in document["other_readings"]:
        assert reading["reported_verdict"] == verdicts[reading["objective"]]
        assert reading["flips"] is (reading["verdict"] != reading["reported_verdict"])
