"""Whose report it is, where it is one customer's."""

from slo_report.report.parts.part import Part


class Customer(Part):
    """The customer that a report was made for, from their requests alone."""

    id: str
    """As the log has it."""
    title: str
    contract: str | None
