"""Planted culprits, and months without one."""
