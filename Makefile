# Every target does its own set-up: a fresh machine needs Python 3.11 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
AZURITE := tests/azurite/node_modules
KUSTO := tests/kusto/node_modules
# One more than the cores that the tests are made for: a test waits for a quarter of its time.
WORKERS ?= 3
SAMPLE ?= 60
SEED ?= 1
LIMIT ?= 300

.PHONY: demo test lint sweep conformance mutants bench expected docs screens site clean

$(READY): pyproject.toml requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: $(READY)  ## the wizard on the simulated Azure; without a terminal the same job with --yes
	@if [ -t 0 ] && [ -t 1 ]; then \
	  $(BIN)/remediate --sandbox link-missing --sandbox-speed 10; \
	else \
	  $(BIN)/remediate reconnect orders-func --sandbox link-missing --yes; \
	fi

# The emulator that the tests of the shared state start; without npm they are skipped, and that is said.
$(AZURITE): tests/azurite/package-lock.json
	@if command -v npm >/dev/null; then \
	  cd tests/azurite && npm ci --no-audit --no-fund --silent && touch node_modules; \
	else \
	  echo "npm is not here: the shared state will not be tested"; \
	fi

# Microsoft's parser of Kusto, before which the tests bring every query; without npm they are skipped.
$(KUSTO): tests/kusto/package-lock.json
	@if command -v npm >/dev/null; then \
	  cd tests/kusto && npm ci --no-audit --no-fund --silent && touch node_modules; \
	else \
	  echo "npm is not here: the queries to Resource Graph will not be brought before Microsoft's parser"; \
	fi

test: $(READY) $(AZURITE) $(KUSTO)  ## the whole suite but for the slow sweeps
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not sweep and not conformance"

lint: $(READY)  ## ruff, and mypy --strict for this system and for Windows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32

sweep: $(READY) $(AZURITE)  ## every point of the slow sweeps
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m sweep

.venv-az/.ready: tests/conformance/requirements-az.txt
	$(PYTHON) -m venv .venv-az
	.venv-az/bin/python -m pip install --quiet --disable-pip-version-check -r tests/conformance/requirements-az.txt
	touch $@

conformance: $(READY) .venv-az/.ready  ## an unmodified az against the sandbox, and the sandbox beside recordings of Azure
	$(BIN)/python -m pytest tests/conformance

.venv-mutants/.ready: tests/mutants/requirements.txt
	$(PYTHON) -m venv .venv-mutants
	.venv-mutants/bin/python -m pip install --quiet --disable-pip-version-check -r tests/mutants/requirements.txt
	touch $@

# A sample in PACKAGES (all of them if none is named); the same SEED draws the same mutants of the same code.
mutants: $(READY) $(AZURITE) .venv-mutants/.ready  ## change the code in SAMPLE places, and see which no test notices
	.venv-mutants/bin/python -m tests.mutants --python $(BIN)/python --sample $(SAMPLE) --seed $(SEED) \
	  --limit $(LIMIT) $(PACKAGES)

bench: $(READY) .venv-az/.ready  ## start-up, whole runs and the gap without network, beside az
	$(BIN)/python benchmarks/run.py

# What the tests compare with whole: to be written anew after a change of words, and reviewed with it.
expected: $(READY)  ## rewrite the transcripts and the pages of expected findings and plans
	$(BIN)/python -m tests.checks.expected
	$(BIN)/python -m tests.plan.expected
	REWRITE_TRANSCRIPTS=1 $(BIN)/python -m pytest -q tests/cli/test_transcripts.py

docs: $(READY)  ## regenerate the pages that come from the code
	$(BIN)/python docs/generate.py

screens: $(READY)  ## record the wizard anew, for the page of its screens
	$(BIN)/python -m docs.screens

.venv-site/.ready: docs/requirements.txt
	$(PYTHON) -m venv .venv-site
	.venv-site/bin/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.txt
	touch $@

site: .venv-site/.ready  ## build the pages as a site in site/, and fail on a link that leads nowhere
	.venv-site/bin/zensical build --strict --clean
	.venv-site/bin/python docs/links.py site

clean:
	rm -rf $(VENV) .venv-az .venv-mutants .venv-site site $(AZURITE) $(KUSTO)
