-- The bucket of a value: 2% wide, rising with the value, so that the bucket which holds a rank
-- holds the percentile. Small values have negative buckets; zero and negative values lie below all.
SELECT
  CASE
    WHEN $value > 0 THEN CAST(floor(ln(CAST($value AS DOUBLE)) / ln(1.02)) AS INTEGER)
    WHEN $value = 0 THEN -100000
    ELSE -200000 - CAST(floor(ln(CAST(-$value AS DOUBLE)) / ln(1.02)) AS INTEGER)
  END AS bucket
