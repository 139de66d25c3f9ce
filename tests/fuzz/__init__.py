"""Mutation fuzzing of the loaders against a judge of lines in plain Python."""
