-- One row per file and reason: the lines that could not be used, and the first of them.
SELECT file_id, reason, CAST(count(*) AS BIGINT) AS lines, min(line) AS first_line
FROM quarantine
GROUP BY 1, 2
