"""slo.yaml: its text, its keys, its expressions, and what they mean."""
