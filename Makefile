# One way in. `make demo` and `make test` set up everything they need.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
export NUMBA_CACHE_DIR ?= $(CURDIR)/.venv/numba-cache

.PHONY: help setup demo test check soak format lock clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: $(STAMP)  ## .venv with everything installed

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Install the venv module first: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m gonghe.cli.translations compile
	$(BIN)/gonghe plan warm
	@touch $@

demo: setup  ## run the loop once on an example cluster, then serve http://127.0.0.1:8000
	$(BIN)/gonghe demo

test: setup  ## all tests, on SQLite and on PostgreSQL
	@scripts/test-packages
	scripts/test

check: setup  ## format, lint, types, import contracts, migrations, docs, vendored files, translations
	@scripts/check-packages
	scripts/check

soak: setup  ## long trials: hundreds of kills, thousands of mutations
	@scripts/test-packages
	scripts/soak

format: setup  ## bring the code into shape
	$(BIN)/ruff check --fix --quiet src tests benchmarks examples || true
	$(BIN)/ruff format src tests benchmarks examples

lock:  ## renew requirements.lock from pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --all-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate -o requirements.lock pyproject.toml

clean:  ## remove what was built, never an installation's data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build
