"""Engines beside DuckDB: the same queries where the logs are. Only roll-ups come back."""
