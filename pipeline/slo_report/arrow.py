"""From a DuckDB relation to Polars, by the Arrow stream that both know.

This module must not import duckdb: Polars keeps the type of what it was given until Python ends,
and with it all that the type's module holds. DuckDB would then report leaks on standard error.
"""

from typing import Protocol

import polars as pl


class ArrowSource(Protocol):
    """Anything that gives an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the stream as a PyCapsule."""
        ...


class _Stream:
    """Hides the source's own type from Polars."""

    def __init__(self, source: ArrowSource) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__()


def to_frame(source: ArrowSource) -> pl.DataFrame:
    """Return the rows of the source."""
    return pl.DataFrame(_Stream(source))
