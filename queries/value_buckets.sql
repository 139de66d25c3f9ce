-- One row per period, key, measure and bucket of values (bucket_of_value.sql).
-- $measure numbers the measure that an event belongs to, NULL for none.
SELECT
  measured.period AS period,
  measured.key AS key,
  measured.measure AS measure,
  $bucket AS bucket,
  CAST(count(*) AS BIGINT) AS hits
FROM (
  SELECT events.period AS period, $key AS key, $measure AS measure, $value AS value
  FROM events
  WHERE $among
) AS measured
WHERE measured.measure IS NOT NULL
GROUP BY 1, 2, 3, 4
