from slo_report.report.head import head_lines
from tests.report import samples
from tests.report.build import percentile_row, ratio_row, target

SEED = """\
April 2026 SLO report
- Availability: 99.62% (target 99.5%) ✓
- TTFT p99: 4.8s (target < 5s) ✓
- Turn p99: 78s (target < 60s) ✗
- Error budget: 76% used"""


def test_the_head_is_the_seeds_word_for_word() -> None:
    assert "\n".join(samples.september().head) == SEED


def test_informational_objectives_have_no_line() -> None:
    row = ratio_row("a", "A", target(">=", "0.9"), 1, 2, informational=True)
    assert head_lines("May 2026", "", [row], {}) == ["May 2026 SLO report"]


def test_the_first_line_says_that_a_month_is_not_final() -> None:
    assert head_lines("May 2026", "(INCOMPLETE)", [], {}) == ["May 2026 SLO report (INCOMPLETE)"]


def test_no_data_and_not_in_use_are_said_and_fail_nothing() -> None:
    lines = samples.no_data().head
    assert "- Availability: no data (target 99.5%) –" in lines
    assert "- AI success: not in use (target 90%) –" in lines
    assert not any("Error budget" in line for line in lines)


def test_many_objectives_are_counted_and_the_missed_ones_follow() -> None:
    lines = samples.codex().head
    place = lines.index("- Availability: 5 of 6 met ✗")
    assert lines[place + 1] == "  - Availability POST /v1/extract: 99.80% (target 99.9%) ✗"
    assert "- AI success rate: not in use –" in lines
    assert "- Cache hit rate: 15 of 16 met, 1 without data –" in lines


def test_an_slo_of_one_objective_keeps_its_line_among_many() -> None:
    goal = target("<", "1", "s")
    rows = [percentile_row(f"l.p99[{n}]", f"L {n}", goal, "0.5", 9) for n in range(8)]
    rows.append(ratio_row("a", "A", target(">=", "0.9"), 9, 10, budget=False))
    lines = head_lines("May 2026", "", rows, {"l": "L"})
    assert lines == ["May 2026 SLO report", "- L: 8 of 8 met ✓", "- A: 90.00% (target 90%) ✓"]


def test_budgets_that_differ_are_named_and_the_worst_comes_first() -> None:
    goal = target(">=", "0.9")
    rows = [ratio_row("a", "A", goal, 99, 100), ratio_row("b", "B", goal, 95, 100)]
    assert head_lines("May 2026", "", rows, {})[-2:] == [
        "- Error budget of B: 50% used",
        "- Error budget of A: 10% used",
    ]


def test_budgets_that_agree_share_a_line() -> None:
    goal = target(">=", "0.9")
    rows = [ratio_row("a", "A", goal, 99, 100), ratio_row("b", "B", goal, 99, 100)]
    assert head_lines("May 2026", "", rows, {})[-1] == "- Error budget: 10% used"


def test_a_target_of_a_hundred_percent_is_untouched_or_exhausted() -> None:
    goal = target(">=", "1")
    rows = [ratio_row("a", "A", goal, 9, 9), ratio_row("b", "B", goal, 8, 9)]
    assert head_lines("May 2026", "", rows, {})[-2:] == [
        "- Error budget of B: exhausted",
        "- Error budget of A: untouched",
    ]
