"""Data of the package; nothing to import."""
