"""Events of some set: how many are valid, how many of them bad."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Valid and bad events of some set."""

    valid: int
    bad: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.valid + other.valid, self.bad + other.bad)

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(self.valid - other.valid, self.bad - other.bad)

    @property
    def good(self) -> int:
        """Valid events that are not bad."""
        return self.valid - self.bad
