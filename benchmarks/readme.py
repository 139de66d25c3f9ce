"""Put figures where benchmarks/README.md has a place for them."""

import re
from pathlib import Path

from benchmarks.tables import Section

README = Path(__file__).with_name("README.md")


def section_text(section: Section, conditions: str) -> str:
    """Return a section as it is printed and as it stands in README.md."""
    return f"**{section.title}**\n\n{section.text}\n{conditions}\n"


def with_section(readme: str, name: str, text: str) -> str:
    """Return README.md with `text` between the markers of that name. Exits if it has none."""
    start, end = f"<!-- figures {name} -->\n", f"<!-- end {name} -->"
    place = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if not place.search(readme):
        raise SystemExit(f"{README.name} has no {start.strip()} ... {end}")
    return place.sub(lambda _: start + text + end, readme)
