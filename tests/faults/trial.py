"""A month that is mailed: killed runs over it, and what the clean one after them must leave."""

import os
import random
import shutil
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.faults.month import Place
from tests.faults.postbox import Postbox
from tests.faults.watched_run import WatchedRun

STRACE = shutil.which("strace")
_CALLS = "fsync,fdatasync,rename,unlink"
_TEAM = [f"{name}@shop.example" for name in ("a", "b", "c")]
_OF_A_CUSTOMER = "ops@customer.example"
_RECIPIENTS = {*_TEAM, _OF_A_CUSTOMER}


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
        self._forget_all()
        kills: Counter[str] = Counter()
        for _ in range(most):
            run = WatchedRun(self.place)
            run.comes_to(run.has_lock)
            stage = run.kill_after(self.rng.uniform(0, self.longest_s))
            kills.update([stage] if stage else [])
            # Other work may have made the machine faster or slower since the run that was timed.
            self.longest_s *= 1.05 if stage else 0.8
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

    def lasting_calls(self) -> list[tuple[str, int]]:
        """Return the flushes, renames and removals of a run's busiest thread, as they come.

        Each is given by its name and as the how-manieth of that name: so strace counts.
        """
        self._forget_all()
        log = self.place.temporary / "calls"
        assert self.place.run(*_traced(_CALLS, log)) == (0, "")
        lines = [line.split(maxsplit=1) for line in log.read_text().splitlines()]
        log.unlink()
        [(busiest, _)] = Counter(thread for thread, _ in lines).most_common(1)
        names = [call.split("(")[0] for thread, call in lines if thread == busiest]
        seen = [(name, names[: number + 1].count(name)) for number, name in enumerate(names)]
        return [(name, nth) for name, nth in seen if name in _CALLS.split(",")]

    def kill_at_call(self, name: str, nth: int) -> None:
        """Kill a run that starts from nothing just before a thread makes such a call."""
        self._forget_all()
        kill = f"inject={name}:signal=KILL:when={nth}"
        status, said = self.place.run(*_traced(name, os.devnull), "-e", kill)
        assert status == -signal.SIGKILL, (name, nth, status, said)

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

    def _forget_all(self) -> None:
        self.place.forget()
        shutil.rmtree(self.place.reports)
        self.postbox.empty()


def _traced(calls: str, log: str | Path) -> tuple[str, ...]:
    return (str(STRACE), "-f", "-qq", "-o", str(log), "-e", f"trace={calls}")
