"""The four verdicts of an objective."""

from typing import Literal

Verdict = Literal["met", "missed", "no_data", "not_in_use"]
