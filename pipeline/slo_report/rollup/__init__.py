"""Requests become integer counts: the queries of `queries/`, bound and run."""
