"""Killed at any moment, the next run does as if nothing had been."""

import os
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.month import Place
from tests.faults.postbox import Postbox, open_postbox
from tests.faults.watched_run import WatchedRun

pytestmark = pytest.mark.soak
_KILLS = int(os.environ.get("KILLS", "25"))
_KILLS_A_ROUND = 5
_PAUSE_S = 0.3
"""The server waits up to this before it takes a recipient, takes a mail, and says that it did."""
_TEAM = [f"{name}@shop.example" for name in ("a", "b", "c")]
_OF_A_CUSTOMER = "ops@customer.example"
_RECIPIENTS = {*_TEAM, _OF_A_CUSTOMER}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiosmtpd, its own
def test_after_any_kills_a_clean_run_makes_the_very_report_and_everyone_has_one_mail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """KILLS=200 for the full run, SEED for other moments.

    Kills fall anywhere into runs that start from nothing, from when they have the lock. As these
    spend little of their time on mailing, each third kill or more falls into a run that finds the
    report published and has only to mail it, at a random moment from its first mail on. The server
    takes its time at each step.
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
    with capsys.disabled():
        print(f"\nkills by stage: {dict(stages)}; in doubt after them: {dict(doubts)}")


@dataclass
class Trial:
    """A month with four to be mailed to, and what runs over it leave without kills."""

    place: Place
    postbox: Postbox
    rng: random.Random
    reports: dict[str, bytes]
    mails: dict[str, list[bytes]]
    left_over: list[str]
    longest_s: float
    mailing_s: float

    @classmethod
    def begin(cls, folder: Path, postbox: Postbox, rng: random.Random) -> "Trial":
        """Make the month and run the job once, undisturbed."""
        place = Place(folder).make(
            email={"from": "slo@shop.example", "to": _TEAM,
                   "smtp": f"smtp://127.0.0.1:{postbox.port}"},
            customers={"customer 1": {"email": {"to": [_OF_A_CUSTOMER]}}},
        )  # fmt: skip
        run = WatchedRun(place)
        run.comes_to(run.has_lock)
        begun = time.monotonic()
        assert run.end() == 0
        ended = time.monotonic()
        reports, mails = place.result(), postbox.contents()
        assert {to: len(sent) for to, sent in mails.items()} == dict.fromkeys(_RECIPIENTS, 1)
        return cls(
            place, postbox, rng, reports, mails, place.left_over(),
            ended - begun, ended - postbox.called_at,
        )  # fmt: skip

    def kill_anywhere(self, most: int) -> Counter[str]:
        """Kill runs that start from nothing, or from what those before left; count by stage."""
        self.place.forget()
        shutil.rmtree(self.place.reports)
        self.postbox.empty()
        kills: Counter[str] = Counter()
        for _ in range(most):
            run = WatchedRun(self.place)
            run.comes_to(run.has_lock)
            stage = run.kill_after(self.rng.uniform(0, self.longest_s))
            kills.update([stage] if stage else [])
        return kills

    def kill_while_mailing(self, most: int) -> Counter[str]:
        """Kill runs that have only to mail what is published, until nobody is left to mail to."""
        self.place.forget_mails()
        self.postbox.empty()
        kills: Counter[str] = Counter()
        for _ in range(most):
            self.postbox.called.clear()
            run = WatchedRun(self.place)
            left = sum(not self.postbox.count(to) for to in _RECIPIENTS) / len(_RECIPIENTS)
            run.comes_to(self.postbox.called.is_set)
            stage = run.kill_after(self.rng.uniform(0, self.mailing_s * left))
            kills.update([stage] if stage else [])
            if stage is None:
                break
        return kills

    def end_with_clean_runs(self) -> Counter[str]:
        """Run the job to its end and do as an operator would; count who was in doubt."""
        place, count = self.place, self.postbox.count
        status, said = place.run()
        doubtful = place.in_doubt()
        assert (status, bool(said)) == ((4, True) if doubtful else (0, False)), said
        assert {to for to in _RECIPIENTS if f"delivered to {to}" in said} == doubtful
        assert {to for to in _RECIPIENTS if count(to) > 1} == set()
        assert {to for to in _RECIPIENTS - doubtful if count(to) < 1} == set()
        assert place.report_json() == self.reports["2026-04/report.json"]
        assert place.result() == self.reports

        # Whom nobody asked about gets nothing more; and a second run at the latest has cleaned up.
        had = {to: count(to) for to in _RECIPIENTS}
        assert place.run()[0] == status
        assert {to: count(to) for to in _RECIPIENTS} == had
        assert place.left_over() == self.left_over

        if doubtful:
            # The documented step: ask the recipients, note who has it, send to the others.
            came = sorted(to for to in doubtful if had[to])
            noted = [word for to in came for word in ("--received", to)]
            assert place.send("--resend-in-doubt", *noted) == (0, "")
            assert place.send() == (0, "")
        assert self.postbox.contents() == self.mails
        return Counter("has it" if had[to] else "has it not" for to in doubtful)


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
