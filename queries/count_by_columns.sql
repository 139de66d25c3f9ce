-- One row per combination of the keys of several columns: how many events answer yes to $hit.
-- $column gives an event's key in one column, $key reads it; $hit and $condition are those of
-- count_events.sql. All four are repeated, and one scan counts by all columns.
SELECT
  $key AS key,
  count(CASE WHEN $hit THEN 1 END) AS hits
FROM (
  SELECT $column AS key, $condition AS holds
  FROM events
  WHERE $among
) AS looked
GROUP BY 1
