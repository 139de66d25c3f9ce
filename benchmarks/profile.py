"""Where the time of a cold job goes, stage by stage: `python -m benchmarks.profile`.

The functions that run.py names are wrapped from outside while the job runs in this process. Times
are a stage's own, without those of the stages inside it, so that they add up to the whole.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, ParamSpec, TypeVar
from unittest.mock import patch

from benchmarks.big_month import MONTH, Form
from benchmarks.runs import forget, generate, measured
from benchmarks.sizes import TRY, Sizes
from benchmarks.tables import Section

P = ParamSpec("P")
T = TypeVar("T")

_STAGES = (
    ("slo_report.use_engine", "load_logs", "load: find, plan, record"),
    ("slo_report.load.load", "examine", "load: preflight"),
    ("slo_report.load.loader.Loader", "load", "load: insert"),
    ("slo_report.load.loader.Loader", "load_ahead", "load: insert"),
    ("slo_report.load.ahead", "load_together", "load: insert"),
    ("slo_report.load.load", "mark_duplicates", "load: duplicates"),
    ("slo_report.run", "ledger", "ledger"),
    ("slo_report.run", "roll_up", "roll-up"),
    ("slo_report.run", "replay_alerts", "replay of alerts"),
    ("slo_report.run", "attribute", "attribution"),
    ("slo_report.run", "compose_report", "compose"),
    ("slo_report.report.files", "draw_charts", "charts"),
    ("slo_report.run", "render", "pages"),
    ("slo_report.run", "publish", "publish"),
    ("slo_report.use_engine", "use_store", "open and close the store"),
)
"""Where a function is looked up when it is called, its name, and what its time is called."""
_DIGEST = "load: SHA-256"


@dataclass
class Spent:
    """Time that one stage took by itself."""

    wall_s: float = 0
    cpu_s: float = 0
    """Of all threads that worked for it."""
    beside_s: float = 0
    """Wall time that passed beside other stages, in a thread of its own."""


@dataclass
class _Open:
    """What was spent inside a stage that has not ended, by others."""

    wall_s: float = 0
    cpu_s: float = 0


class Digest(NamedTuple):
    """What the preflight uses of a digest."""

    update: Callable[[bytes], None]
    hexdigest: Callable[[], str]


@dataclass
class Clock:
    """Times stages, one inside the other on the main thread, any on others."""

    spent: dict[str, Spent] = field(default_factory=dict)
    _open: list[_Open] = field(default_factory=lambda: [_Open()])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        spent = self.spent.setdefault(name, Spent())
        is_main = threading.current_thread() is threading.main_thread()
        cpu_time = time.process_time if is_main else time.thread_time
        wall, cpu = time.perf_counter(), cpu_time()
        if is_main:
            self._open.append(_Open())
        try:
            yield
        finally:
            wall_s, cpu_s = time.perf_counter() - wall, cpu_time() - cpu
            if is_main:
                inside = self._open.pop()
                spent.wall_s += wall_s - inside.wall_s
                self._open[-1].wall_s += wall_s
                spent.cpu_s += cpu_s - inside.cpu_s
            else:
                spent.beside_s += wall_s
                spent.cpu_s += cpu_s
            # Whoever is at work on the main thread has this time in that of the process.
            self._open[-1].cpu_s += cpu_s

    def timed_digest(self, made: Callable[[], "Digest"]) -> Callable[[], "Digest"]:
        """Return what makes digests, their updates timed: they run in a thread of their own."""

        def make() -> Digest:
            digest = made()
            return Digest(self.timed(_DIGEST, digest.update), digest.hexdigest)

        return make

    def timed(self, name: str, function: Callable[P, T]) -> Callable[P, T]:
        """Return the function, its calls timed as a stage of that name."""

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            with self.stage(name):
                return function(*args, **kwargs)

        return call


def profile(sizes: Sizes) -> list[Section]:
    """Profile a cold job for each format, in a process of its own each."""
    return [_profile_form(sizes, form) for form in sizes.forms]


def stages_of_cold_job(folder: Path) -> dict[str, Spent]:
    """Run the cold job of the folder's slo.yaml in this process; return what each stage took."""
    from slo_report.cli import main as slo_report

    forget(folder)
    clock = Clock()
    options = ["--month", MONTH, "--config", str(folder / "slo.yaml"), "--no-email", "--quiet"]
    with clock.stage("command, definition, the rest"):
        with clock.stage("imports"):
            import_module("slo_report.run")
        with _wrapped(clock), patch.object(sys, "argv", ["slo-report", *options]):
            _until_exit(slo_report)
    return clock.spent


@contextmanager
def _wrapped(clock: Clock) -> Iterator[None]:
    """Have each stage timed. Raises AttributeError where the code has moved from."""
    with ExitStack() as patches:
        for place, name, stage in _STAGES:
            holder = _holder(place)
            timed = clock.timed(stage, getattr(holder, name))
            patches.enter_context(patch.object(holder, name, timed))
        preflights = import_module("slo_report.load.preflight")
        digests = clock.timed_digest(preflights.sha256)
        patches.enter_context(patch.object(preflights, "sha256", digests))
        yield


def _holder(place: str) -> object:
    """Return a module, or a class of one."""
    module, _, name = place.rpartition(".")
    return getattr(import_module(module), name) if name[0].isupper() else import_module(place)


def _until_exit(command: Callable[[], object]) -> None:
    try:
        command()
    except SystemExit as end:
        if end.code:
            raise


def _profile_form(sizes: Sizes, form: Form) -> Section:
    with TemporaryDirectory(dir=sizes.folder) as name:
        output = Path(name) / "profile.md"
        options = ["--form", form, "--lines", str(sizes.compare_lines), "--folder", name]
        measured([sys.executable, "-m", "benchmarks.profile", *options], output)
        text = output.read_text(encoding="utf-8")
    title = f"Where the time goes: {sizes.compare_lines:,} requests as {form}, cold, one run"
    return Section(f"profile-{form}", title, text)


def _text(spent: dict[str, Spent]) -> str:
    names = ["imports", *dict.fromkeys(stage for _, _, stage in _STAGES)]
    names.insert(names.index("load: preflight") + 1, _DIGEST)
    names += [name for name in spent if name not in names]
    lines = [
        "| stage | wall s | beside, s | CPU s | share of CPU |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    taken = {name: spent[name] for name in names if name in spent}
    whole = Spent(
        sum(stage.wall_s for stage in taken.values()),
        sum(stage.cpu_s for stage in taken.values()),
    )
    for name, stage in [*taken.items(), ("**whole**", whole)]:
        beside = f"{stage.beside_s:.2f}" if stage.beside_s else ""
        lines.append(
            f"| {name} | {stage.wall_s:.2f} | {beside} | {stage.cpu_s:.2f} "
            f"| {stage.cpu_s / whole.cpu_s:.0%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write a month, run its cold job, print where the time went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--form", type=Form, choices=list(Form), default=Form.JSONL)
    parser.add_argument("--lines", type=int, default=TRY.compare_lines)
    parser.add_argument("--folder", type=Path, help="where the month is written")
    asked = parser.parse_args()
    with TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        generate(folder, asked.form, asked.lines)
        sys.stdout.write(_text(stages_of_cold_job(folder)))


if __name__ == "__main__":
    main()
