-- The bucket of a measured value: 2% wide, rising with the value, so that the bucket which holds a
-- rank holds the percentile. Small values have negative buckets; zero and below lie under all.
SELECT
  CASE
    WHEN measured.value > 0
      THEN CAST(floor(ln(CAST(measured.value AS DOUBLE)) / ln(1.02)) AS INTEGER)
    WHEN measured.value = 0 THEN -100000
    ELSE -200000 - CAST(floor(ln(CAST(-measured.value AS DOUBLE)) / ln(1.02)) AS INTEGER)
  END AS bucket
FROM measured
