"""Which log files of a published edition are still there, whatever they are called now."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from slo_report.editions.sources import Logs, source_changes, vanished
from slo_report.editions.statement import Document
from slo_report.load.discover import still_asked_for
from slo_report.slo_yaml.build import load_definition
from tests.shop import DEFINITION, open_shop

A, B, C = ("a" * 64, 100), ("b" * 64, 90), ("c" * 64, 80)
A_GROWN, B_PACKED = ("d" * 64, 150), ("e" * 64, 90)


def report(**files: tuple[str, int]) -> Document:
    """Return what a report says of files; `_` stands for a dot of their names."""
    listed = [
        {"name": name.replace("_", "."), "sha256": sha256, "lines": lines, "loaded": lines}
        for name, (sha256, lines) in files.items()
    ]
    return {"provenance": {"files": listed}}


def lost(old: Document, new: Document, loaded: Sequence[str] = ()) -> Sequence[str]:
    return vanished(old, new, Logs(loaded, list))


@pytest.mark.parametrize(
    "new",
    [
        report(april_jsonl=A),
        report(april_jsonl=("f" * 64, 70)),
        report(april_jsonl=A_GROWN),
        report(renamed_jsonl=A),
        report(april_jsonl_gz=("f" * 64, 100)),
        report(april_jsonl_zst=A_GROWN),
        report(**{"archive/2026-04_jsonl_gz": ("f" * 64, 100)}),
        report(april_jsonl_1=A_GROWN),
        report(**{"april_jsonl-20260501_gz": A_GROWN}),
        report(**{"april-20260501_jsonl": A_GROWN}),
    ],
    ids=[
        "the same", "corrected in place", "grown", "renamed", "packed", "grown and packed",
        "packed and renamed", "rotated and grown", "rotated by date, grown and packed",
        "rotated by date before its ending",
    ],
)  # fmt: skip
def test_a_log_that_is_there_in_another_form_is_not_lost(new: Document) -> None:
    assert lost(report(april_jsonl=A), new) == []
    assert source_changes(report(april_jsonl=A), new).come == []


@pytest.mark.parametrize(
    "new",
    [
        report(),
        report(late_jsonl=A_GROWN),
        report(late_jsonl=B),
        report(april_jsonl_1=("f" * 64, 20)),
        report(**{"other/april_jsonl_1": A_GROWN}),
    ],
    ids=["gone", "more came late", "less came late", "rotated and cut", "of another folder"],
)
def test_a_log_that_nothing_replaces_is_lost_however_much_came_late(new: Document) -> None:
    assert lost(report(april_jsonl=A), new) == ["april.jsonl"]


def test_rotation_moves_every_log_on_and_packs_the_second() -> None:
    old = report(x_log=A, x_log_1=B, x_log_2_gz=C)
    moved = report(x_log_1=A_GROWN, x_log_2_gz=B_PACKED, x_log_3_gz=C)
    assert lost(old, moved) == []
    for left in (
        {"x_log_1": A_GROWN, "x_log_3_gz": C},
        {"x_log_1": A_GROWN, "x_log_2_gz": B_PACKED},
    ):
        assert len(lost(old, report(**left))) == 1


def test_what_counted_nothing_or_counts_in_another_month_is_not_lost() -> None:
    old = report(april_jsonl=A)
    assert lost(old, report(), loaded=[A[0]]) == []
    junk = {"name": "junk.jsonl", "sha256": "f" * 64, "lines": 50, "loaded": 0}
    assert lost({"provenance": {"files": [junk]}}, report()) == []
    older = {"name": "junk.jsonl", "sha256": "f" * 64, "lines": 50}
    assert lost({"provenance": {"files": [older]}}, report()) == ["junk.jsonl"]


def test_slo_yaml_leaves_out_what_it_ignores_and_what_lies_there_by_no_path(tmp_path: Path) -> None:
    config = open_shop(tmp_path, DEFINITION.replace('"*.jsonl*"', '"a*.jsonl", ignore: away*'))
    for name in ("april.jsonl", "march.jsonl"):
        (tmp_path / name).touch()
    names = ["april.jsonl", "march.jsonl", "away.jsonl", "gone.jsonl", "agone.jsonl"]
    asked_for = still_asked_for(load_definition(config), names)
    assert asked_for == ["april.jsonl", "gone.jsonl", "agone.jsonl"]
