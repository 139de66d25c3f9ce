"""The measure of all ratios: DuckDB loads the logs into typed columns, with no check of its own.

Arguments: the format, a glob of logs, the database to make.
"""

import sys

import duckdb

LOADS = {
    "jsonl": """
SELECT * FROM read_json($logs, format = 'newline_delimited', columns = {
  time: 'TIMESTAMPTZ', request_id: 'VARCHAR', method: 'VARCHAR', route: 'VARCHAR',
  status: 'SMALLINT', duration_ms: 'DOUBLE', ttft_ms: 'DOUBLE', customer: 'VARCHAR',
  input_tokens: 'BIGINT', cached_tokens: 'BIGINT'})""",
    "parquet": "SELECT * FROM read_parquet($logs)",
    # Splitting at spaces is right for these logs, and faster than a regular expression.
    "access": """
SELECT remote_addr, remote_user,
  strptime(ltrim(date, '[') || ' ' || rtrim(zone, ']'), '%d/%b/%Y:%H:%M:%S %z') AS time,
  split_part(request, ' ', 1) AS method, split_part(request, ' ', 2) AS path,
  status, bytes, referer, agent, request_time
FROM read_csv($logs, delim = ' ', quote = '"', escape = '', header = false, auto_detect = false,
  columns = {remote_addr: 'VARCHAR', ident: 'VARCHAR', remote_user: 'VARCHAR', date: 'VARCHAR',
    zone: 'VARCHAR', request: 'VARCHAR', status: 'SMALLINT', bytes: 'BIGINT',
    referer: 'VARCHAR', agent: 'VARCHAR', request_time: 'DOUBLE'})""",
}

form, logs, store = sys.argv[1:]
with duckdb.connect(store) as connection:
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    connection.execute(f"CREATE TABLE requests AS {LOADS[form]}", {"logs": logs})
