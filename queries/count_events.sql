-- One row per period and key: how many events answer yes to the question $hit.
-- A question is asked of the conditions in `looked`: each $condition is looked at once, however many
-- questions have it. Both columns are repeated, and one scan answers all questions.
-- (A CASE, since DuckDB counts it twice as fast as a FILTER once there are many.)
SELECT
  looked.period AS period,
  looked.key AS key,
  count(CASE WHEN $hit THEN 1 END) AS hits
FROM (
  SELECT events.period AS period, $key AS key, $condition AS holds
  FROM events
  WHERE $among
) AS looked
GROUP BY 1, 2
