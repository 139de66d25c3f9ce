"""Counts become verdicts, budgets, intervals and coverage."""
