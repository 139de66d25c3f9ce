-- One row per period and key: how many events answer yes to the question $hit.
-- Asked many questions at once, the column of hits is repeated, and one scan answers them all.
-- (A CASE, since DuckDB counts it twice as fast as a FILTER once there are many.)
SELECT
  events.period AS period,
  $key AS key,
  count(CASE WHEN $hit THEN 1 END) AS hits
FROM events
WHERE $among
GROUP BY 1, 2
