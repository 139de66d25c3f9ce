"""The report by mail: at most once per recipient and edition."""
