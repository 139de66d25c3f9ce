"""Which requests were seen before: of all rows with one request_id, one stays."""

from typing import NamedTuple

from slo_report.store import Store


class Tie(NamedTuple):
    """A file in which the order of lines decides, but was not kept."""

    file_id: int
    source: str
    name: str


# Hashes first: the grouping then spills in small integers and meets few ids, if any, again.
_REPEATED = """
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT hash(request_id) AS id_hash
FROM requests WHERE request_id IS NOT NULL AND {among}
GROUP BY id_hash HAVING count(*) > 1
"""
_IDS_OF_NEW_ROWS = """
hash(request_id) IN (
    SELECT hash(request_id) FROM requests
    WHERE request_id IS NOT NULL AND file_id IN (
        SELECT file_id FROM files WHERE NOT deduplicated))
"""

# The earliest by time stays, then by file name; rows of a file lie in the order of its lines.
_LATER = """
CREATE OR REPLACE TEMP TABLE later AS
SELECT row, place > 1 AS is_later FROM (
    SELECT requests.rowid AS row, row_number() OVER (
        PARTITION BY requests.request_id
        ORDER BY requests.ts, files.name, files.source, requests.rowid) AS place
    FROM requests
    JOIN files USING (file_id)
    WHERE requests.request_id IS NOT NULL
      AND hash(requests.request_id) IN (SELECT id_hash FROM repeated))
"""

_MARK = """
UPDATE requests SET duplicate = later.is_later
FROM later WHERE requests.rowid = later.row AND requests.duplicate <> later.is_later
"""

# What is repeated no more, since files were replaced.
_CLEAR = """
UPDATE requests SET duplicate = false
WHERE duplicate AND rowid NOT IN (SELECT row FROM later)
"""

_TIES = """
SELECT DISTINCT file_id, source, name FROM files JOIN (
    SELECT file_id FROM (
        SELECT requests.* EXCLUDE (duplicate) FROM requests JOIN files USING (file_id)
        WHERE NOT files.in_order AND requests.request_id IS NOT NULL
          AND hash(requests.request_id) IN (SELECT id_hash FROM repeated)
    ) AS line
    GROUP BY file_id, source, request_id, ts
    HAVING count(*) > 1 AND count(DISTINCT line) > 1) USING (file_id)
ORDER BY ALL
"""


def mark_duplicates(store: Store, *, ties_stay: bool = False) -> list[Tie]:
    """Bring `requests.duplicate` up to date with the files, in whatever order they were loaded.

    The files of the ties returned are looked at anew the next time, unless their `ties_stay`.
    """
    [(new, known)] = store.rows(
        "SELECT count(*) FILTER (NOT deduplicated), count(*) FILTER (deduplicated) "
        "FROM files WHERE state = 'loaded'"
    )
    if not new:
        return []
    with store.transaction():
        store.rows(_REPEATED.format(among=_IDS_OF_NEW_ROWS if known else "true"))
        store.rows(_LATER)
        if not known:
            store.rows(_CLEAR)
        store.rows(_MARK)
        ties = [Tie(*tie) for tie in store.rows(_TIES)]
        open_ids = [] if ties_stay else [tie.file_id for tie in ties]
        store.rows(
            "UPDATE files SET deduplicated = true "
            "WHERE NOT deduplicated AND NOT list_contains($1::BIGINT[], file_id)",
            [open_ids],
        )
    store.rows("DROP TABLE repeated")
    store.rows("DROP TABLE later")
    return ties
