# All set-up is a prerequisite: on a machine with Python 3.11 and make, any target works at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MODELS := $(VENV)/.models
LLAMA := -DLLAVA_BUILD=OFF -DLLAMA_ALL_WARNINGS=OFF -DLLAMA_OPENSSL=OFF \
  -DCMAKE_PROJECT_llama.cpp_INCLUDE='$(CURDIR)/tests/llama.cmake'
export LITELLM_LOCAL_MODEL_COST_MAP := True

.PHONY: demo models test test-slow lint types imports size check bench bench-search kill-test screenshots clean

demo: $(STAMP)  ## a study on a built-in task: no key, no network
	@$(BIN)/tunewright demo

# Many tests drive real processes and terminals; one that fails beside others on a busy machine is run once more, alone.
test: $(MODELS)  ## the suite, less what takes many seconds a test
	$(BIN)/python -m pytest -n 3 --durations=10 -m "not slow" || \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -m "not slow"

test-slow: $(MODELS)  ## the rest: every example of the guide trained, browsers, long walks
	$(BIN)/python -m pytest -n 3 --durations=10 -m slow || \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -m slow

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

bench: $(MODELS)  ## every figure of the README beside its peer
	$(BIN)/python -m benchmarks

bench-search: $(STAMP)  ## how good the searches are, on tables and live tasks; hours, and goes on where it was interrupted
	$(BIN)/python -m pip install -qq -c constraints.txt -e ".[bench]"
	$(BIN)/python -m benchmarks.search all

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

models: $(MODELS)  ## what the tests of local models need; the first time this builds llama.cpp

# Apart from the rest, since a demo should not wait for a compiler. A wheel once built is kept in pip's cache.
$(MODELS): $(STAMP) tests/llama.cmake
	$(BIN)/python -m pip install -qq -c constraints.txt --group models --group browser
	@if $(BIN)/python -m pip install -qq --dry-run --no-index -c constraints.txt --group llama 2> /dev/null; \
	then touch $@; elif ! command -v $${CXX:-c++} > /dev/null; \
	then echo "There is no C++ compiler to build llama.cpp with (Debian: apt install g++): tests with GGUF models are skipped."; \
	else echo "Building llama.cpp for the tests with GGUF models: once, two to five minutes on two cores."; \
	  if CMAKE_ARGS="$(LLAMA)" $(BIN)/python -m pip install -q -c constraints.txt --group llama; then touch $@; \
	  else echo "llama.cpp could not be built, see above: tests with GGUF models are skipped."; fi; fi

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
