"""What every part of the report value is made of."""

from pydantic import BaseModel, ConfigDict, Field

Scope = dict[str, str]
"""Column: value. A NULL key is "(no customer)"; empty where the row is the whole."""


class Part(BaseModel):
    """A frozen value; a key that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Span(Part):
    """From, to: half-open, in ISO 8601 with the offset of the report's zone."""

    from_: str = Field(alias="from")
    to: str
