# All set-up is a prerequisite: on a machine with Python 3.11 and make, any target works at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export LITELLM_LOCAL_MODEL_COST_MAP := True

.PHONY: demo test lint types imports size check bench kill-test screenshots clean

demo: $(STAMP)  ## a study on a built-in task: no key, no network
	@$(BIN)/tunewright demo

# Many tests drive real processes and terminals; one that fails beside others on a busy machine is run once more, alone.
test: $(STAMP)  ## the whole suite
	$(BIN)/python -m pytest -n 3 --durations=10 || \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

check: lint types imports size  ## everything CI checks besides the tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

size: $(STAMP)
	$(BIN)/python tests/house/sizes.py

bench: $(STAMP)  ## every figure of the README beside its peer
	$(BIN)/python -m benchmarks

kill-test: $(STAMP)  ## kill -9 of front, runner and worker at random moments; docs/reliability.md has the figures
	$(BIN)/python -m benchmarks.kills

screenshots: $(STAMP)
	$(BIN)/python docs/make_screenshots.py

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tunewright needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --upgrade 'pip>=25.1' -c constraints.txt
	$(BIN)/python -m pip install -qq -c constraints.txt -e . --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
