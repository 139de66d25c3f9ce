"""Killed at any moment, the next run does as if nothing had been."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.month import Place
from tests.faults.postbox import open_postbox
from tests.faults.trial import STRACE, Trial

pytestmark = pytest.mark.soak
_KILLS = int(os.environ.get("KILLS", "25"))
_KILLS_A_ROUND = 5
_FAULTS = int(os.environ.get("FAULTS", "6"))
_PAUSE_S = 0.3
"""The server waits up to this before it takes a recipient, takes a mail, and says that it did."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiosmtpd, its own
def test_after_any_kills_a_clean_run_makes_the_very_report_and_everyone_has_one_mail(
    tmp_path: Path,
) -> None:
    """KILLS=200 for the full run, SEED for other moments.

    Kills fall anywhere into runs that start from nothing, from when they have the lock. As these
    spend little of their time on mailing, runs that find the report published and have only to
    mail it are killed too, at a random moment from their first mail on, until a third of all kills
    has fallen into sending. The server takes its time at each step.
    """
    rng = random.Random(os.environ.get("SEED", "1"))
    stages: Counter[str] = Counter()
    doubts: Counter[str] = Counter()
    with open_postbox(random.Random(rng.random()), _PAUSE_S) as postbox:
        trial = Trial.begin(tmp_path / "month", postbox, rng)
        while stages.total() < _KILLS:
            most = min(_KILLS_A_ROUND, _KILLS - stages.total())
            if stages["send"] * 3 <= stages.total():
                stages += trial.kill_while_mailing(most)
            else:
                stages += trial.kill_anywhere(most)
            doubts += trial.end_with_clean_runs()
    print(f"kills by stage: {dict(stages)}; in doubt after them: {dict(doubts)}")


@pytest.mark.skipif(STRACE is None, reason="strace is not there")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiosmtpd, its own
def test_killed_where_it_is_about_to_flush_rename_or_remove_a_file_a_run_has_lost_nothing(
    tmp_path: Path,
) -> None:
    """FAULTS=40 for the full run: at so many such calls, spread over all that a run makes."""
    with open_postbox(random.Random(1), 0.0) as postbox:
        trial = Trial.begin(tmp_path / "month", postbox, random.Random(1))
        calls = trial.lasting_calls()
        for point in range(_FAULTS):
            name, nth = calls[len(calls) * point // _FAULTS]
            trial.kill_at_call(name, nth)
            trial.end_with_clean_runs()
            print(f"killed at {name} {nth}")


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
