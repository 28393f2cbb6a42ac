# One command per wish; `make` alone lists them. Everything is made inside this folder, in .venv and data.

PYTHON ?= python3
PORT ?= 8000
UV_VERSION = 0.13.9
BIN = .venv/bin
STAMP = .venv/.installed
# Tools that only look must not make a data folder.
LOOK = DATACOOP_SECRET_KEY=only-for-tools-that-look-at-the-code
BENCH ?= read

.DEFAULT_GOAL := help
.PHONY: help install install-system demo test check format openapi journeys soak compare bench lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' Makefile

$(STAMP): requirements.lock requirements-node.lock requirements-bench.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make install PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || { echo "install: making .venv"; $(PYTHON) -m venv .venv; }
	@$(BIN)/uv --version 2>/dev/null | grep -q "^uv $(UV_VERSION)" || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "install: packages of requirements.lock"
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes --no-deps -r requirements-bench.lock
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null || { \
		echo "install: Node from PyPI"; \
		VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements-node.lock; }
	@touch $@

install: $(STAMP) ## .venv, the package, built assets; no system package
	@$(BIN)/python src/datacoop/portal/frontend/build.py

# A cluster's half gigabyte, where there is Java to run it.
.venv/.spark: requirements-spark.lock $(STAMP)
	@if command -v java >/dev/null; then echo "install: packages of requirements-spark.lock"; \
		VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements-spark.lock && touch $@; fi

install-system: ## PostgreSQL, Chromium, wrk, OpenJDK 17 from Debian's packages; needs root
	@sh scripts/system install

demo: install ## the demo cooperative on 127.0.0.1:8000 (PORT=…)
	@$(BIN)/datacoop init
	@DATACOOP_BASE_URL=$${DATACOOP_BASE_URL:-http://127.0.0.1:$(PORT)} $(BIN)/datacoop demo load
	@DATACOOP_BASE_URL=$${DATACOOP_BASE_URL:-http://127.0.0.1:$(PORT)} $(BIN)/datacoop serve --port $(PORT)

test: install ## every test but journeys and soak, on SQLite and on PostgreSQL
	@sh scripts/system ensure
	@$(MAKE) --no-print-directory .venv/.spark
	@sh scripts/tested

check: install ## format, lint, types, import contracts, lock files, the committed description of the API
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(LOOK) $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m linting.locks
	$(LOOK) $(BIN)/python -m linting.openapi

format: install ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: install ## write docs/openapi.json, the description of the API
	$(LOOK) $(BIN)/python -m linting.openapi --write

journeys: install ## a real browser through the demo
	@sh scripts/system ensure
	@sh scripts/marked journey

soak: install ## long runs (SOAK_SECONDS=600 for each reader)
	@sh scripts/system ensure
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements-soak.lock
	@sh scripts/marked soak

compare: install ## peers side by side
	@sh scripts/system ensure
	@sh scripts/marked compare

bench: install ## measures: BENCH="read --scale 10k"
	@sh scripts/system ensure
	$(BIN)/datacoop bench $(BENCH)

lock: $(STAMP) ## renew the lock files from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --group pyproject.toml:dev --extra linking --extra parquet pyproject.toml -o requirements.lock $(UPGRADE)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --group pyproject.toml:node -o requirements-node.lock $(UPGRADE)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes -c requirements.lock --group pyproject.toml:soak -o requirements-soak.lock $(UPGRADE)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes -c requirements.lock --extra spark pyproject.toml -o requirements-spark.lock $(UPGRADE)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-deps --group pyproject.toml:bench -o requirements-bench.lock $(UPGRADE)
	$(BIN)/python -m linting.locks
