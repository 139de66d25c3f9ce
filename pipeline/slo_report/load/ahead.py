"""Files that no record can be of are loaded at once: large ones while they are being examined,
small ones many in a transaction. What is not clean, or has a twin, waits for the plan.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from slo_report.load.discover import LogFile
from slo_report.load.formats.reading import RefusedError, Relation
from slo_report.load.json_sample import digits_matter
from slo_report.load.loader import Loader
from slo_report.load.preflight import Preflight
from slo_report.load.record import Record
from slo_report.load.together import load_together
from slo_report.load.unpack import Packing, packing_of
from slo_report.load.ways import MANY_BYTES, Attempt, is_plain_name, sample_of, text_of
from slo_report.slo_yaml.log_definition import Field

_BATCH_FILES = 200
_BATCH_BYTES = 64 << 20
_TRIES = 10
"""With more unclean files in a batch, one at a time is as fast."""

_CLEAN = Preflight("", "", Packing.NONE, 0, True, False, False, False)
"""What a clean file will be found to be, but for what only its bytes tell."""

Content = tuple[str, str, str]
"""Source, digest of the content, digest of how it is read."""


@dataclass
class Ahead:
    """One pass over files whose names the store does not know."""

    loader: Loader
    examine: Callable[[LogFile], Preflight]
    reading: Callable[[LogFile], str]
    contents: set[Content]
    """Contents that are on record, or were met: a second file of one is for the plan."""
    ids: Iterator[int]
    loaded: list[LogFile] = field(default_factory=list)
    attempts: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    """By source and name, what came of large files that are not loaded."""

    def load(self, files: Iterable[LogFile]) -> None:
        """Load what can be loaded; `files` come by source and name."""
        small: list[Record] = []
        for file in files:
            if file.format is None or not is_plain_name(file.path):
                continue
            if file.size >= MANY_BYTES and _is_unpacked(file):
                self._load_large(file)
            elif (record := self._accepted(file, self.examine(file))) is not None:
                small.append(record)
        for relation, records in self._by_relation(small):
            for batch in _batches(records):
                self._load_together(batch, relation)

    def _load_large(self, file: LogFile) -> None:
        """Read and examine a file at the same time; both take about as long."""
        try:
            sample = sample_of(file)
        except OSError:
            return
        decimals = bool(sample) and digits_matter(file.fields, sample)
        facts = replace(_CLEAN, held=sample, long_decimal=not decimals)
        guess = Record(next(self.ids), file, facts, self.reading(file), "loaded")
        with ThreadPoolExecutor(1) as beside:
            examining = beside.submit(self.examine, file)

            def examined() -> Preflight | None:
                facts = examining.result()
                return None if self._accepted(file, facts) is None else facts

            attempt = self.loader.load_ahead(guess, examined)
        if attempt is Attempt.DONE:
            self.loaded.append(file)
        self.attempts[file.log.name, file.name] = attempt

    def _accepted(self, file: LogFile, facts: Preflight) -> Record | None:
        """Return the record of a file that is the first with its content, None for others."""
        reading = self.reading(file)
        content = (file.log.name, facts.content_sha256, reading)
        if facts.refusal or content in self.contents:
            return None
        self.contents.add(content)
        return Record(next(self.ids), file, facts, reading, "loaded")

    def _by_relation(self, records: Sequence[Record]) -> Iterator[tuple[Relation, list[Record]]]:
        """Yield the records whose files one relation reads, the relation with them."""
        together: dict[tuple[Relation, tuple[Field, ...]], list[Record]] = defaultdict(list)
        for record in records:
            try:
                reader, text = text_of(record.file, record.file.path, record.facts)
                relation = reader.clean_sql(text) if _looks_clean(record) else None
                headers = reader.header_lines(text)
            except (RefusedError, FileNotFoundError):
                continue
            if relation is not None and record.file.has_lines:
                lines = record.facts.lines - headers
                together[relation, text.fields].append(replace(record, lines=lines))
        for (relation, _), alike in together.items():
            yield relation, alike

    def _load_together(self, records: Sequence[Record], relation: Relation) -> None:
        """Load files in one transaction, without those that turn out to be unclean."""
        store, definition = self.loader.store, self.loader.definition
        for _ in range(_TRIES):
            unclean = load_together(store, definition, records, relation) if records else []
            if not unclean:
                self.loaded += [record.file for record in records]
                return
            records = [record for record in records if record not in unclean]


def _looks_clean(record: Record) -> bool:
    """Tell files that it is worth trying from those with a line that is cut or blank."""
    facts = record.facts
    return not facts.open_end and facts.braced


def _batches(records: Sequence[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        if batch and (len(batch) == _BATCH_FILES or size + record.file.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += record.file.size
    if batch:
        yield batch


def _is_unpacked(file: LogFile) -> bool:
    """Tell whether nothing can come out of the file that is larger than it, such as a bomb."""
    if not file.has_lines:
        return True
    try:
        return packing_of(file.path) is Packing.NONE
    except OSError:
        return False
