"""Whether two months counted the same: their definitions compared as they were measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from slo_report.compose.definitions import CHOICES_OF, NOT_COUNTED, TARGET_OF
from slo_report.slo_yaml.definition import RESERVED


class PrintedDefinition(Protocol):
    """A definition as the appendix prints it."""

    @property
    def slo(self) -> str:
        """Id of the SLO."""
        ...

    @property
    def lines(self) -> list[str]:
        """What was counted, line by line."""
        ...


class Rule(Protocol):
    """An exclusion as the report prints it."""

    @property
    def reason(self) -> str:
        """What it is called."""
        ...

    @property
    def rule(self) -> str:
        """What it takes out."""
        ...

    @property
    def is_dated(self) -> bool:
        """True where it is limited to a stretch of time."""
        ...


@dataclass(frozen=True)
class AsMeasured:
    """What one month's report says of how it counted."""

    definitions: dict[str, list[str]]
    rules: dict[str, set[str]]
    """Reason: the rules of that name that hold at all times."""
    config_sha256: str
    readings: Mapping[str, str | None]
    """Objective: the digest of how its requests were read; None where that is not known."""

    @classmethod
    def of(
        cls,
        definitions: Sequence[PrintedDefinition],
        exclusions: Sequence[Rule],
        config_sha256: str,
        readings: Mapping[str, str | None],
    ) -> "AsMeasured":
        """Return what a report says in its appendix."""
        rules: dict[str, set[str]] = {rule.reason: set() for rule in exclusions}
        for rule in exclusions:
            if not rule.is_dated:
                rules[rule.reason].add(rule.rule)
        lines = {item.slo: item.lines for item in definitions}
        return cls(lines, rules, config_sha256, readings)

    def alike(self, other: "AsMeasured", slo: str, objective: str) -> bool:
        """Tell whether both read and counted an objective alike, whatever its target was."""
        return self.defined_alike(other, slo, objective) and self.read_alike(other, objective)

    def defined_alike(self, other: "AsMeasured", slo: str, objective: str) -> bool:
        """Tell whether both counted the same requests of an objective, and the same of them."""
        return self._counted(slo, objective) == other._counted(slo, objective)

    def read_alike(self, other: "AsMeasured", objective: str) -> bool:
        """Tell whether both read its requests alike; what is not known is no difference."""
        readings = self.readings.get(objective), other.readings.get(objective)
        return None in readings or readings[0] == readings[1]

    def _counted(self, slo: str, objective: str) -> frozenset[str]:
        """Return what decides the figure of an objective.

        An exclusion of a stretch of time is left out: that a month had a maintenance makes its
        figures no other kind of figure.
        """
        if slo == RESERVED:
            return frozenset()
        own_row = (
            f"{CHOICES_OF}{slo}{objective[objective.find('[') :]}: " if "[" in objective else ""
        )
        counted: set[str] = set()
        for line in self.definitions.get(slo, []):
            if line.startswith(NOT_COUNTED):
                reason = line.removeprefix(NOT_COUNTED)
                counted |= self.rules.get(reason, {reason})
            elif line.startswith(CHOICES_OF):
                if own_row and line.startswith(own_row):
                    counted.add(line)
            elif not line.startswith(TARGET_OF):
                counted.add(line)
        return frozenset(counted)
