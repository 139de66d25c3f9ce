"""Killed at any moment, the next run makes the report as if nothing had been."""

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from tests.faults.month import Place

pytestmark = pytest.mark.soak
_KILLS = int(os.environ.get("KILLS", "25"))
_KILLS_A_ROUND = 5


def test_after_any_kills_a_clean_run_makes_the_very_report(tmp_path: Path) -> None:
    """KILLS=200 for the full run."""
    place = Place(tmp_path / "month").make()
    begun = time.monotonic()
    assert place.run() == (0, "")
    longest = time.monotonic() - begun
    wanted, clean = place.result(), place.left_over()
    rng = random.Random(os.environ.get("SEED", "1"))
    for kills in range(_KILLS):
        if kills % _KILLS_A_ROUND == 0:
            place.forget()
            shutil.rmtree(place.reports)
        process = place.start()
        time.sleep(rng.uniform(0.0, longest))
        process.kill()
        _, said = process.communicate()
        assert "Traceback" not in said
        if kills % _KILLS_A_ROUND == _KILLS_A_ROUND - 1 or kills == _KILLS - 1:
            assert place.run() == (0, ""), f"after kill {kills}"
            assert place.report_json() == wanted["2026-04/report.json"], f"after kill {kills}"
            assert place.result() == wanted
            # A second run at the latest has cleaned up behind those that were killed.
            place.run()
            assert place.left_over() == clean


def test_of_twenty_starts_at_once_one_works(tmp_path: Path) -> None:
    place = Place(tmp_path / "month").make(20_000)
    started = [place.start() for _ in range(20)]
    said = [process.communicate()[1] for process in started]
    statuses = [process.returncode for process in started]
    # One that comes when the first has ended may work too; none may break.
    assert sorted(set(statuses)) == [0, 75]
    assert statuses.count(0) == 1
    assert all("another run (process" in text for text in said if text)
    assert not any("Traceback" in text for text in said)
