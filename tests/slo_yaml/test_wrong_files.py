"""Every mistake in a slo.yaml is answered with its line, what was found and what would be right."""

from pathlib import Path

import pytest

from slo_report.errors import DefinitionError
from slo_report.slo_yaml.build import load_definition

HERE = Path(__file__).parent
WHOLE = (HERE / "whole.slo.yaml").read_text(encoding="utf-8")


def wrong_files() -> list[tuple[str, str, str, str]]:
    """Return (what is wrong, text of the whole file, text instead, answer) of wrong.txt."""
    cases = []
    for block in (HERE / "wrong.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        parts = {
            mark: "\n".join(line[2:] for line in lines[1:] if line[0] == mark) for mark in "-+="
        }
        cases.append((lines[0], parts["-"], parts["+"], parts["="]))
    return cases


CASES = wrong_files()


def test_the_whole_file_has_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    assert load_definition(path).warnings == ()


def test_there_are_many_mistakes_to_answer() -> None:
    assert len(CASES) >= 70


@pytest.mark.parametrize(
    ("found", "written", "answer"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_mistake_is_answered(found: str, written: str, answer: str, tmp_path: Path) -> None:
    assert found in WHOLE
    path = tmp_path / "slo.yaml"
    path.write_text(WHOLE.replace(found, written, 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as refusal:
        load_definition(path)
    assert str(refusal.value) == answer
    assert refusal.value.exit_status == 2


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text(
        WHOLE.replace("Europe/Berlin", "Berlin")
        .replace("target: 99.5%", "target: 99.5")
        .replace("value: cost\n", "value: costs\n")
        .replace("threads: 2", "threads: two\nspeed: high"),
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError) as refusal:
        load_definition(path)
    assert [line.split(" ")[0] for line in str(refusal.value).splitlines()] == [
        "slo.yaml:2:",
        "slo.yaml:29:",
        "slo.yaml:37:",
        "slo.yaml:67:",
        "slo.yaml:68:",
    ]


SHAPES = ("unknown key", "found", "is missing", "is empty", "nothing stands", "duplicate key")


@pytest.mark.parametrize(
    ("found", "written", "answer"),
    [c[1:] for c in CASES if any(words in c[3] for words in SHAPES)],
    ids=[c[0] for c in CASES if any(words in c[3] for words in SHAPES)],
)
def test_a_mistake_hides_no_other(found: str, written: str, answer: str, tmp_path: Path) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text(
        WHOLE.replace(found, written, 1)
        .replace("Europe/Berlin", "Berlin")
        .replace("p99: < 50 ms", "p99: 50 ms")
        + "healthcheck: ftp://hc.example.org\n",
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError) as refusal:
        load_definition(path)
    said = str(refusal.value)
    assert set(answer.splitlines()) <= set(said.splitlines())
    assert "`Berlin` is no time zone" in said
    assert "`healthcheck`: `ftp://hc.example.org` is no address" in said
    if found not in WHOLE[WHOLE.index("\nslos:") : WHOLE.index("\ncustomers:")]:
        assert "`50 ms` has no comparison" in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="there is no such file"):
        load_definition(tmp_path / "slo.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "slo.yaml"
    path.write_bytes("service: Café".encode("latin-1"))
    with pytest.raises(DefinitionError, match="save the file as UTF-8"):
        load_definition(path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "[" * 100_000, "a: " * 50, "\x00"])
def test_what_is_no_definition_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"^slo\.yaml:1: "):
        load_definition(path)
