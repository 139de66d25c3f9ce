-- One row per period, key and bucket of values (bucket_of_value.sql), for the events that $hit.
SELECT
  calendar.period AS period,
  $key AS key,
  $bucket AS bucket,
  CAST(count(*) AS BIGINT) AS hits
FROM events
JOIN calendar ON calendar.slot = events.slot
WHERE events.ts >= $from_ts AND events.ts < $to_ts AND $hit
GROUP BY 1, 2, 3
