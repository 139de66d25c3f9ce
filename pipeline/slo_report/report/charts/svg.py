"""Figures as SVG: the same bytes everywhere, real text, light and dark.

A chart is drawn once, in the light palette, so that charts/*.svg look right in any viewer. On the
page the SVG stands inline and each colour of the palette becomes a CSS variable with that colour
as its fallback, so the page's own style sheet turns it dark or prints it light. Two pictures
switched by <picture> would double the page and can't be read or searched; mid-tones that work on
both grounds look dull on each.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

from slo_report.report.charts.chart import Chart
from slo_report.report.escape import CHART_CUT, name

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

INK, MUTED, GRID, SURFACE = "#1f2a37", "#5b6776", "#d5dbe3", "#fefefe"
# Okabe-Ito, which stays apart for colour-blind readers; the shapes differ as well.
BLUE, VERMILLION, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#b87700", "#009e73", "#b5568f"
MET_FILL, FEW_FILL, NONE_FILL, MISSED_FEW_FILL = "#9fd3c3", "#d3ebe3", "#e3e7ec", "#f4bd98"
SERIES = (BLUE, PINK, ORANGE, GREEN)

_ROLES = {
    INK: "ink", MUTED: "muted", GRID: "grid", SURFACE: "surface", BLUE: "blue",
    VERMILLION: "vermillion", ORANGE: "orange", GREEN: "green", PINK: "pink",
    MET_FILL: "met", FEW_FILL: "few", NONE_FILL: "none",
    MISSED_FEW_FILL: "missed-few",
}  # fmt: skip

SENTENCE_CUT = 1500
PNG_DPI = 140
"""A chart of 9.2 inches becomes 1,288 pixels wide: twice the column of a mail."""

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_TAG = re.compile(r"<[^>]*>")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_NOT_A_SLUG = re.compile(r"[^a-z0-9]+")
_FAMILY = re.compile(r"'DejaVu Sans'(?:, [^;\"]*)?")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")

_STYLE: "dict[RcKeyType, Any]" = {
    "svg.fonttype": "none",
    "svg.hashsalt": "slo-report",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 8.5,
    "text.color": INK,
    "text.parse_math": False,
    "hatch.color": GRID,
    "hatch.linewidth": 0.8,
    "lines.solid_joinstyle": "round",
}


def file_name(prefix: str, slo: str, taken: set[str]) -> str:
    """Return the name of an SLO's chart, unlike those taken, and take it."""
    slug = _NOT_A_SLUG.sub("-", slo.lower()).strip("-")[:40] or "slo"
    name = f"{prefix}-{slug}"
    while name in taken:
        name += "-2"
    taken.add(name)
    return name


_kept: "ContextVar[dict[str, Figure] | None]" = ContextVar("kept", default=None)
"""Figures by their chart's name, where somebody wants more of them than their SVG."""


@contextmanager
def drawing(keep: "dict[str, Figure] | None" = None) -> Iterator[None]:
    """Draw in our style alone, whatever matplotlibrc the machine has.

    Each figure is put into `keep`, for `to_png` while this lasts.
    """
    # It would tell of a font cache that it cannot save, on standard error, past our own log.
    logging.getLogger("matplotlib").addHandler(logging.NullHandler())
    import matplotlib as mpl  # 0.4 s that --help need not pay

    token = _kept.set(keep)
    try:
        with _our_style(mpl):
            yield
    finally:
        _kept.reset(token)


@contextmanager
def _our_style(mpl: ModuleType) -> Iterator[None]:
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        with warnings.catch_warnings():
            # A name in Japanese is measured by a placeholder; the reader's own font draws it.
            warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
            yield


def sentence(text: str) -> str:
    """Return a title or a text alternative as it may be shown, whatever names are in it."""
    return name(text, SENTENCE_CUT)


def label(text: str, length: int = CHART_CUT) -> str:
    """Return text from the logs as matplotlib may draw it."""
    # No `$` is mathtext here (text.parse_math), but a leading underscore hides a legend's entry.
    shown = name(text, length)
    return f"\u2009{shown}" if shown.startswith("_") else shown


def short_label(text: str, length: int) -> str:
    """Return a label of bearable length, cut in its middle: routes differ at their ends."""
    shown = label(text, SENTENCE_CUT)
    if len(shown) <= length:
        return shown
    end = length // 2
    return f"{shown[: length - end - 1]}…{shown[-end:]}"


def to_svg(figure: "Figure", chart: str, title: str, alt: str) -> str:
    """Return the figure as an SVG document that says what it shows."""
    kept = _kept.get()
    if kept is not None:
        kept[chart] = figure
    buffer = BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(buffer.getvalue())
    _prefix_ids(root, chart)
    root.set("role", "img")
    for position, (tag, text) in enumerate((("title", title), ("desc", alt))):
        element = ET.Element(f"{{{_SVG}}}{tag}")
        element.text = text
        root.insert(position, element)
    _paint_ground(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def to_png(figure: "Figure") -> bytes:
    """Return the figure as a PNG on a white ground, in pixels for a dense screen."""
    buffer = BytesIO()
    # Software would name matplotlib's version, and other bytes would follow from an update.
    figure.savefig(buffer, format="png", dpi=PNG_DPI, facecolor="#ffffff",
                   metadata={"Software": None})  # fmt: skip
    return buffer.getvalue()


def inline_svg(chart: Chart) -> Markup:
    """Return a chart's SVG for the page, its colours and its font taken from the style sheet."""
    root = ET.fromstring(chart.svg)
    for tag in ("title", "desc", "rect"):
        for element in root.findall(f"{{{_SVG}}}{tag}"):
            root.remove(element)
    themed = _TAG.sub(_themed, ET.tostring(root, encoding="unicode"))
    # The text alternative comes last: it's the only attribute with data, and no colour to theme.
    return Markup(themed.replace("<svg ", f'<svg aria-label="{escape(chart.alt)}" ', 1))


def _themed(tag: re.Match[str]) -> str:
    themed = _COLOUR.sub(lambda m: f"var(--chart-{_ROLES[m[0]]}, {m[0]})"
                         if m[0] in _ROLES else m[0], tag[0])  # fmt: skip
    return _FAMILY.sub("var(--sans, sans-serif)", themed)


def _prefix_ids(root: ET.Element, prefix: str) -> None:
    """Give each id the chart's name: matplotlib calls every first axes axes_1."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{prefix}-{value}")
            elif key == f"{{{_XLINK}}}href" and value.startswith("#"):
                element.set(key, f"#{prefix}-{value[1:]}")
            else:
                element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
    for definitions in root.findall(f"{{{_SVG}}}defs"):
        # Its style element would apply to the whole page; style.css says the same for charts.
        for style in definitions.findall(f"{{{_SVG}}}style"):
            definitions.remove(style)
    root.set("stroke-linejoin", "round")


def _paint_ground(root: ET.Element) -> None:
    """Put a ground behind the file, so that it can be read on a dark desktop."""
    attributes = {"width": "100%", "height": "100%", "fill": SURFACE}
    root.insert(2, ET.Element(f"{{{_SVG}}}rect", attributes))
