-- One row per period, key and measure: how many events it counts, and the two sums over them, exact.
-- $measure numbers the measure that an event belongs to, NULL for none.
SELECT
  measured.period AS period,
  measured.key AS key,
  measured.measure AS measure,
  CAST(count(*) AS BIGINT) AS hits,
  sum(measured.numerator) AS numerator,
  sum(measured.denominator) AS denominator
FROM (
  SELECT
    events.period AS period,
    $key AS key,
    $measure AS measure,
    $numerator AS numerator,
    $denominator AS denominator
  FROM events
  WHERE $among
) AS measured
WHERE measured.measure IS NOT NULL
GROUP BY 1, 2, 3
