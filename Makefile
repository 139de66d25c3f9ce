# Two commands do all the set-up: `make report` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# --require-hashes: what is installed is what was locked, to the byte.
$(BIN)/.installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(BIN)/.installed-dev: requirements-dev.txt $(BIN)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-dev.txt
	touch $@

# The months before, so that April has some to be compared with.
.PHONY: report
report: $(BIN)/.installed  ## Make the April 2026 reports of both samples
	@$(BIN)/slo-report --month 2026-04 --since 2026-01 --no-email \
	  --config data_samples/september/slo.yaml --out reports/september & \
	$(BIN)/slo-report --month 2026-04 --since 2026-03 --no-email \
	  --config data_samples/codex/slo.yaml --out reports/codex && wait $$!

.PHONY: test
test: $(BIN)/.installed-dev  ## Run the tests
	$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile \
	  -m "not long and not soak and not postfix and not spark and not clickhouse and not browser"

.PHONY: test-long
test-long: $(BIN)/.installed-dev  ## Run the tests that take longer
	$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile -m "long and not soak"

# In full, for hours: make test-soak KILLS=200 FAULTS=40 CHANGES=50 FUZZ_SECONDS=600
# -rP: what was killed, in which stage, and what was fuzzed is told where all is well, too.
SOAK ?= tests
.PHONY: test-soak
test-soak: $(BIN)/.installed-dev  ## Kill, starve and fuzz the program (KILLS, FAULTS, FUZZ_SECONDS)
	$(BIN)/python -m pytest --quiet -rP --numprocesses 2 --dist loadfile -m soak $(SOAK)

# Needs root. The package asks questions and starts a server unless it is told not to.
.PHONY: test-postfix
test-postfix: $(BIN)/.installed-dev  ## Send mail through a real Postfix (Debian, as root)
	@command -v postfix > /dev/null || { apt-get update --quiet=2 && \
	  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends postfix; }
	$(BIN)/python -m pytest --quiet -m postfix tests/mail

# Half a gigabyte each, so into an environment of their own, and only where they are asked for.
.venv-%/.installed: requirements-%.txt requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --require-hashes --only-binary :all: \
	  -r requirements.txt
	.venv-$*/bin/python -m pip install --quiet --require-hashes -r requirements-$*.txt
	.venv-$*/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Spark needs Java 17 or 21, which is what Debian 12 and 13 have by default.
.PHONY: test-spark
test-spark: .venv-spark/.installed  ## Hold a real Spark against DuckDB (Java; else Debian, as root)
	@command -v "$${JAVA_HOME:+$$JAVA_HOME/bin/}java" > /dev/null || { \
	  apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes \
	  --no-install-recommends default-jre-headless; }
	.venv-spark/bin/python -m pytest --quiet -p no:cacheprovider -m spark tests/engines

.PHONY: test-browser
test-browser: .venv-browser/.installed  ## Open the pages in a real Chromium (Debian, as root)
	@command -v chromium chromium-browser > /dev/null || { apt-get update --quiet=2 && \
	  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
	  chromium fonts-dejavu; }
	.venv-browser/bin/python -m pytest --quiet -p no:cacheprovider -m browser tests/browser

.PHONY: test-clickhouse
test-clickhouse: .venv-clickhouse/.installed  ## Hold ClickHouse against DuckDB
	.venv-clickhouse/bin/python -m pytest --quiet -p no:cacheprovider -m clickhouse tests/engines

.PHONY: lint
lint: $(BIN)/.installed-dev  ## Check types, style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: bless
bless: $(BIN)/.installed-dev  ## Accept the present output as the golden reports
	BLESS=1 $(BIN)/python -m pytest --quiet tests/test_golden.py

# `make bench BENCH="compare --lines 300000"`; `python -m benchmarks --help` lists all.
BENCH ?= all

.PHONY: bench
bench: $(BIN)/.installed-dev  ## Measure, at sizes to try
	$(BIN)/python -m benchmarks $(BENCH)

.PHONY: bench-figures
bench-figures: $(BIN)/.installed-dev  ## Measure in full, and write benchmarks/README.md
	$(BIN)/python -m benchmarks all --full --write

.PHONY: bench-peers
bench-peers: .venv-bench/.installed  ## Install what slo-report is measured beside
	command -v goaccess || apt-get install --yes --no-install-recommends goaccess

.PHONY: samples
samples: $(BIN)/.installed  ## Generate the samples' logs anew, from their seeds
	$(BIN)/python data_samples/september/generate.py
	$(BIN)/python data_samples/codex/generate.py
	$(BIN)/python data_samples/totals.py --write

.PHONY: lock
lock: $(BIN)/.installed-dev  ## Lock the newest allowed versions, with hashes, for Python 3.11 to 3.14
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --extra build pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --extra dev --constraints requirements.txt pyproject.toml --output-file requirements-dev.txt
	for other in spark clickhouse browser bench; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	    --constraints requirements-dev.txt requirements-$$other.in \
	    --output-file requirements-$$other.txt || exit $$?; done

.PHONY: clean
clean:  ## Remove what the other targets made
	rm -rf $(VENV) .venv-* build dist reports .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -f data_samples/*/slo.duckdb*
