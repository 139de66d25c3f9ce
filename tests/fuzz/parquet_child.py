"""python -m tests.fuzz.parquet_child FOLDER SEED COUNT: load damaged Parquet, say what came of it.

A process of its own: a reader that dies takes nobody with it, and the last line names its file.
"""

import sys
from pathlib import Path
from random import Random

import duckdb

from slo_report.errors import SloReportError
from slo_report.load.load import load_logs
from slo_report.slo_yaml.log_definition import LogFormat
from slo_report.store import open_store
from tests.load.definitions import FIELDS, definition, log

_SELECT = (
    "SELECT TIMESTAMP '2026-04-01' + INTERVAL (i) MINUTE AS ts, i::VARCHAR AS request_id, "
    "200 + i % 3 AS status, i * 1.5 AS ms, 'acme' AS customer, {'tokens': i} AS usage, "
    "i / 7 AS cost, {'enabled': i % 2 = 0} AS ai FROM range(500) AS t(i)"
)


def damaged(rng: Random, whole: bytes) -> bytes:
    """Return the file with some bytes other than they were, most of them in its footer."""
    content = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 5))):
        low = rng.choice((0, len(content) - 600, len(content) - 16))
        at = rng.randrange(max(low, 0), len(content))
        content[at] = rng.choice(
            (content[at] ^ (1 << rng.randrange(8)), 0, 255, rng.randrange(256))
        )
    if rng.random() < 0.2:
        at = rng.randrange(len(content))
        del content[at : at + rng.randint(1, 30)]
    return bytes(content)


def whole_file(folder: Path) -> bytes:
    """Return the file before it is damaged."""
    whole = folder / "whole"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({_SELECT}) TO '{whole}' (FORMAT parquet)")
    return whole.read_bytes()


def main(folder: Path, seed: int, count: int) -> None:
    """Load so many damaged files, one at a time."""
    whole = whole_file(folder)
    with open_store(folder / "slo.duckdb", threads=1) as store:
        for number in range(count):
            rng = Random(f"{seed}-{number}")
            path = folder / f"a{number}.parquet"
            path.write_bytes(damaged(rng, whole))
            print(f"{seed}-{number}", end=" ", flush=True)
            one = definition(folder, log("*.parquet", fields=FIELDS, form=LogFormat.PARQUET))
            try:
                load_logs(store, one, lambda _: None)
                [facts] = store.rows(
                    "SELECT state, lines, usable, (SELECT count(*) FROM quarantine AS q "
                    "WHERE q.file_id = f.file_id) FROM files AS f WHERE name = $1", [path.name]
                )  # fmt: skip
                state, lines, usable, bad = facts
                assert state == "refused" or lines == usable + bad, facts
                print(state, flush=True)
            except SloReportError as error:
                print(f"VIOLATION: the run ended with {error}"[:300], flush=True)
            except Exception as error:  # what it is, is what we are here for
                print(f"VIOLATION: {type(error).__name__}: {error}"[:300], flush=True)
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
