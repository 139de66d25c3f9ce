"""Measurements. A benchmark measures, a test decides: nothing here is run by the tests."""
