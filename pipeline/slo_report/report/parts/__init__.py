"""The parts of the report value, one module a subject."""
