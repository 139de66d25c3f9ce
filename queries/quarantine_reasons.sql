-- One row per file and reason: the lines that could not be used.
SELECT file_id, reason, CAST(count(*) AS BIGINT) AS lines
FROM quarantine
GROUP BY 1, 2
