"""Two sets of rules are compared on the same incidents."""

from fractions import Fraction

from slo_report.judge.alert_comparison import compared
from slo_report.judge.burn_rate import episodes
from slo_report.judge.steps import STEP_US
from tests.judge.replayed import burn_of, rule

SLOTS = {
    **dict.fromkeys(range(200), (10, 0)),
    **dict.fromkeys(range(40, 43), (10, 10)),  # an outage
    **dict.fromkeys(range(100, 180), (10, 2)),  # a slow burn
}


def test_an_incident_that_only_one_set_rang_for_is_missed_by_the_other() -> None:
    burn = burn_of(SLOTS)
    quick, slow = rule("6", steps=3), rule("1.5", steps=24, severity="ticket")
    first, second = compared(burn, episodes(burn, [quick]), episodes(burn, [quick, slow]))
    assert (first.pages, first.tickets, first.incidents, first.missed) == (1, 0, 2, 1)
    assert (second.pages, second.tickets, second.incidents, second.missed) == (1, 1, 2, 0)


def test_the_first_page_says_what_was_gone_and_how_long_it_took() -> None:
    burn = burn_of(SLOTS)
    [episode] = episodes(burn, [rule("6", steps=3)])
    figures, _ = compared(burn, [episode], [])
    assert figures.detection_us == 2 * STEP_US
    assert figures.used_at_first_page == Fraction(20, 200)


def test_a_set_that_never_paged_has_no_time_to_page() -> None:
    burn = burn_of(SLOTS)
    _, figures = compared(burn, episodes(burn, [rule("6", steps=3)]), [])
    assert (figures.pages, figures.detection_us, figures.used_at_first_page) == (0, None, None)
    assert figures.missed == figures.incidents == 1
