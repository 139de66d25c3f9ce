"""When an alert rings: the share of bad events in a window against a limit, step by step."""

from dataclasses import dataclass
from fractions import Fraction

import polars as pl


@dataclass(frozen=True)
class Limit:
    """A share of bad events that a window must not pass, or (`reached`) not even reach."""

    share: Fraction
    reached: bool = False


@dataclass(frozen=True)
class Ringing:
    """Steps without interruption: from number `first` to before `end`."""

    first: int
    end: int | None
    """None where the last step still belongs to it."""

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of its steps."""
        return frame.slice(self.first, None if self.end is None else self.end - self.first)


def beyond(windows: pl.DataFrame, limit: Limit) -> pl.Series:
    """Return for each window (valid, bad) whether it is beyond the limit, decided on integers.

    A window without valid events is not, nor is one without a bad event where the limit is to be
    reached: a target of 100% allows a share of nothing.
    """
    bad = pl.col("bad") * pl.lit(limit.share.denominator, dtype=pl.Int128)
    most = pl.col("valid") * pl.lit(limit.share.numerator, dtype=pl.Int128)
    passed = (bad >= most) & (pl.col("bad") > 0) if limit.reached else bad > most
    return windows.select((passed & (pl.col("valid") > 0)).alias("beyond"))["beyond"]


def held(condition: pl.Series, steps: int) -> pl.Series:
    """Return where the condition holds and has held for `steps` steps before."""
    run = pl.col("holds").rle_id()
    since = pl.int_range(pl.len()).over(run)
    frame = condition.to_frame("holds")
    return frame.select((pl.col("holds") & (since >= steps)).alias("holds"))["holds"]


def ringings(rings: pl.Series) -> list[Ringing]:
    """Return the runs of steps at which an alert rings."""
    runs = rings.to_frame("rings").with_row_index("step")
    found = (
        runs.group_by(pl.col("rings").rle_id().alias("run"), maintain_order=True)
        .agg(pl.col("rings").first(), first=pl.col("step").min(), last=pl.col("step").max())
        .filter("rings")
    )
    return [
        Ringing(first, last + 1 if last + 1 < len(rings) else None)
        for first, last in found.select("first", "last").iter_rows()
    ]


def worst(windows: pl.DataFrame) -> tuple[int, int] | None:
    """Return valid, bad of the window with the highest share of bad events, the first of equals.

    Floats only pick the row; the share is taken from its counts.
    """
    share = pl.col("bad").cast(pl.Float64) / pl.col("valid").cast(pl.Float64)
    with_events = windows.filter(pl.col("valid") > 0)
    if with_events.is_empty():
        return None
    valid, bad = with_events.row(int(with_events.select(share.arg_max()).item()))
    return valid, bad
