-- One row per period, key, bucket and distinct value, for the buckets in `wanted` alone.
SELECT
  wanted.period AS period,
  wanted.key AS key,
  wanted.bucket AS bucket,
  $value AS value,
  CAST(count(*) AS BIGINT) AS hits
FROM events
JOIN calendar ON calendar.slot = events.slot
JOIN wanted
  ON wanted.period = calendar.period
  AND wanted.key IS NOT DISTINCT FROM $key
  AND wanted.bucket = $bucket
WHERE events.ts >= $from_ts AND events.ts < $to_ts AND $hit
GROUP BY 1, 2, 3, 4
