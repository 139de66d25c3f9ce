"""A second, slow computation of the monthly report, written from the contract alone.

It shares nothing with the program: no DuckDB, no Polars, no SQL parser, no module of
``slo_report``. Requests are Python values, predicates are Python functions, every figure is a
formula over a list of requests, numbers are integers and fractions. Where the two disagree,
one of them has misread the contract. README.md says more.
"""
