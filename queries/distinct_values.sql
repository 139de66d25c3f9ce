-- One row per period: how many distinct values the column $column has, NULL not among them.
-- Asked of many columns at once, the count is repeated, and one scan answers for all.
SELECT
  events.period AS period,
  CAST(count(DISTINCT $column) AS BIGINT) AS distinct_values
FROM events
WHERE $among
GROUP BY 1
