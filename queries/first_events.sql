-- One row per period and key: when the first event came that answers yes to the question $hit.
-- Asked many questions at once, the column is repeated; NULL where no event does.
SELECT
  events.period AS period,
  $key AS key,
  min(CASE WHEN $hit THEN events.ts END) AS first_ts
FROM events
WHERE $among
GROUP BY 1, 2
