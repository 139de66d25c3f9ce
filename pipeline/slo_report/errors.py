"""What can go wrong, and the exit status that says so.

Every error names what was found and what to do about it; only `cli` prints them.
"""


class SloReportError(Exception):
    """Base of the errors that are told in a sentence instead of a traceback."""

    exit_status = 1


class DefinitionError(SloReportError):
    """slo.yaml, or the command line, asks for something that cannot be."""

    exit_status = 2


class InputError(SloReportError):
    """The logs are missing, or nothing in them can be used."""

    exit_status = 3


class DeliveryError(SloReportError):
    """The report is written but has not reached everyone."""

    exit_status = 4


class DiskError(SloReportError):
    """A file could not be read or written: disk full, no permission, I/O error."""

    exit_status = 6


class LockedError(SloReportError):
    """Another run holds the store."""

    exit_status = 75


class DamagedStoreError(DiskError):
    """The store cannot be read as a database; it is only a cache and can be made anew."""


class OtherLayoutError(DamagedStoreError):
    """The store is whole, but another version laid it out."""


class EngineError(SloReportError):
    """The engine that slo.yaml names cannot be reached, or failed at what it was asked."""

    exit_status = 6
