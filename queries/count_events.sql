-- One row per period and key: how many events answer yes to the question $hit.
-- Asked many questions at once, the column of hits is repeated, and one scan answers them all.
SELECT
  calendar.period AS period,
  $key AS key,
  CAST(count(*) FILTER (WHERE $hit) AS BIGINT) AS hits
FROM events
JOIN calendar ON calendar.slot = events.slot
WHERE events.ts >= $from_ts AND events.ts < $to_ts AND $among
GROUP BY 1, 2
