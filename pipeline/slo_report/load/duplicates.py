"""Which requests were seen before: of one source's rows with one request_id, one stays."""

from slo_report.store import Store

# Hashes first: the grouping then spills in small integers and meets few ids, if any, again.
_REPEATED = """
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT hash(source, request_id) AS id_hash
FROM requests WHERE request_id IS NOT NULL
GROUP BY id_hash HAVING count(*) > 1
"""

# The earliest by time stays, then by file name; rows of a file lie in the order of its lines.
_LATER = """
CREATE OR REPLACE TEMP TABLE later AS
SELECT row FROM (
    SELECT requests.rowid AS row, row_number() OVER (
        PARTITION BY requests.source, requests.request_id
        ORDER BY requests.ts, files.name, requests.rowid) AS place
    FROM requests
    JOIN files USING (file_id)
    WHERE requests.request_id IS NOT NULL
      AND hash(requests.source, requests.request_id) IN (SELECT id_hash FROM repeated))
WHERE place > 1
"""

_MARK = """
UPDATE requests SET duplicate = true
WHERE NOT duplicate AND rowid IN (SELECT row FROM later)
"""

_CLEAR = """
UPDATE requests SET duplicate = false
WHERE duplicate AND rowid NOT IN (SELECT row FROM later)
"""


def mark_duplicates(store: Store) -> None:
    """Set `requests.duplicate` anew, whatever order the files were loaded in."""
    with store.transaction():
        for statement in (_REPEATED, _LATER, _CLEAR, _MARK):
            store.rows(statement)
    store.rows("DROP TABLE repeated")
    store.rows("DROP TABLE later")
