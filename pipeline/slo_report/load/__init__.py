"""Log files become rows of `requests`: typed, UTC, each line accounted for."""
