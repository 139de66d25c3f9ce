"""What is done with a file depends on which contents lie under which names, nothing else."""

from slo_report.load.plan import Keep, Known, Load, Present, Refuse, Rename, Skip, plan


def known(file_id: int, name: str, content: str, *, time: int = 1, reading: str = "r") -> Known:
    return Known(file_id, "requests", name, 10, time, content, reading, "loaded")


def present(name: str, content: str, *, time: int = 1, source: str = "requests") -> Present:
    return Present(source, name, 10, time, "r", content)


def test_a_new_file_is_loaded() -> None:
    a = present("a", "x")
    assert plan([], [a]) == [Load(a, ())]


def test_a_known_file_is_kept() -> None:
    a = present("a", "x")
    assert plan([known(1, "a", "x")], [a]) == [Keep(a, 1)]


def test_a_file_that_was_only_touched_is_not_read_again() -> None:
    a = present("a", "x", time=2)
    assert plan([known(1, "a", "x")], [a]) == [Rename(a, 1, ())]


def test_a_changed_file_replaces_its_rows() -> None:
    a = present("a", "y", time=2)
    assert plan([known(1, "a", "x")], [a]) == [Load(a, (1,))]


def test_a_changed_definition_reads_files_again() -> None:
    a = present("a", "x")
    assert plan([known(1, "a", "x", reading="old")], [a]) == [Load(a, (1,))]


def test_the_second_of_two_equal_files_is_skipped_whatever_the_order() -> None:
    a, b = present("a", "x"), present("b", "x")
    assert plan([], [b, a]) == plan([], [a, b]) == [Load(a, ()), Skip(b, "a", ())]


def test_an_earlier_twin_takes_the_record_over() -> None:
    a, b = present("a", "x"), present("b", "x")
    assert plan([known(1, "b", "x")], [a, b]) == [Rename(a, 1, ()), Skip(b, "a", ())]


def test_a_renamed_file_keeps_its_rows() -> None:
    b = present("b", "x")
    assert plan([known(1, "a", "x")], [b]) == [Rename(b, 1, ())]


def test_a_rotation_moves_records_along() -> None:
    new, old = present("log", "y", time=2), present("log.1", "x")
    assert plan([known(1, "log", "x")], [new, old]) == [Load(new, ()), Rename(old, 1, ())]


def test_a_file_that_is_gone_stays() -> None:
    assert plan([known(1, "a", "x")], []) == []


def test_equal_content_of_another_source_is_loaded() -> None:
    a, b = present("a", "x"), present("b", "x", source="calls")
    assert plan([], [a, b]) == [Load(b, ()), Load(a, ())]


def test_a_refused_file_replaces_what_was_loaded_under_its_name() -> None:
    a = Present("requests", "a", 10, 2, "r", "y", "damaged gzip")
    assert plan([known(1, "a", "x")], [a]) == [Refuse(a, (1,))]
