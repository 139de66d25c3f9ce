-- One row per file: its usable lines, those of the month, those that are duplicates, and its time.
SELECT
  requests.file_id AS file_id,
  CAST(count(*) AS BIGINT) AS usable,
  CAST(count(*) FILTER (WHERE duplicate) AS BIGINT) AS duplicates,
  CAST(count(*) FILTER (WHERE ts >= $from_ts AND ts < $to_ts) AS BIGINT) AS in_month,
  CAST(count(*) FILTER (WHERE NOT duplicate AND ts >= $from_ts AND ts < $to_ts) AS BIGINT) AS loaded,
  min(ts) AS first_ts,
  max(ts) AS last_ts
FROM requests
GROUP BY 1
