"""From figures to the report value: finished texts, nothing left to compute for a renderer."""
