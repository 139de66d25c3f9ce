-- One row per period and key: the events that $hit, and the two sums over them, exact.
SELECT
  calendar.period AS period,
  $key AS key,
  CAST(count(*) AS BIGINT) AS hits,
  sum($numerator) AS numerator,
  sum($denominator) AS denominator
FROM events
JOIN calendar ON calendar.slot = events.slot
WHERE events.ts >= $from_ts AND events.ts < $to_ts AND $hit
GROUP BY 1, 2
