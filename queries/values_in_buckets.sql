-- One row per period, key, measure, bucket and distinct value, for the buckets in `wanted` alone.
SELECT
  wanted.period AS period,
  wanted.key AS key,
  wanted.measure AS measure,
  wanted.bucket AS bucket,
  measured.value AS value,
  CAST(count(*) AS BIGINT) AS hits
FROM (
  SELECT events.period AS period, $key AS key, $measure AS measure, $value AS value
  FROM events
  WHERE $among
) AS measured
JOIN wanted
  ON wanted.period = measured.period
  AND wanted.key IS NOT DISTINCT FROM measured.key
  AND wanted.measure = measured.measure
  AND wanted.bucket = $bucket
GROUP BY 1, 2, 3, 4, 5
