-- One row per file: its usable lines, those of the month, and those that are duplicates.
SELECT
  requests.file_id AS file_id,
  CAST(count(*) AS BIGINT) AS usable,
  CAST(count(*) FILTER (WHERE duplicate) AS BIGINT) AS duplicates,
  CAST(count(*) FILTER (WHERE ts >= $from_ts AND ts < $to_ts) AS BIGINT) AS in_month,
  CAST(count(*) FILTER (WHERE NOT duplicate AND ts >= $from_ts AND ts < $to_ts) AS BIGINT) AS loaded
FROM requests
GROUP BY 1
