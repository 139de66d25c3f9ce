"""How each format of log turns into one text per mapped field: one module a format, named here.

What slo.yaml knows of a format is its row in `slo_yaml.log_definition.LogFormat`.

A reader has two ways. `clean_sql` is a relation that DuckDB reads by itself, fast; it has columns
v0, v1, ... (one text per field, in order) and says of which rows it is in doubt. `careful` goes
line by line in Python and gives every line its number and its fate; it judges what is in doubt.
"""

from collections.abc import Mapping

from slo_report.load.formats.combined import COMBINED
from slo_report.load.formats.csv import CSV
from slo_report.load.formats.jsonl import JSONL
from slo_report.load.formats.parquet import PARQUET
from slo_report.load.formats.reading import Reader
from slo_report.slo_yaml.log_definition import LogFormat

READERS: Mapping[LogFormat, Reader] = {
    LogFormat.PARQUET: PARQUET,
    LogFormat.JSONL: JSONL,
    LogFormat.COMBINED: COMBINED,
    LogFormat.CSV: CSV,
}
"""In the order of a first look: what is told for certain first, CSV, which takes most, last."""
