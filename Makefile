# The habits of this repository. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# On a terminal pip shows what it downloads, and how far it is; a JRE and PostgreSQL are among it.
QUIET := $(if $(MAKE_TERMOUT),,--quiet)
PIP := $(BIN)/python -m pip --disable-pip-version-check
HELP := echo "The installation failed for the reason above. No connection: HTTPS_PROXY and PIP_CERT help behind a proxy." \
    "No package for this platform: run it in containers, see docs/deployment.md."
ARGS ?=
# Without bytecode each process of a test compiles all modules again.
export PYTHONDONTWRITEBYTECODE :=
# A test per core and one more, since tests wait for much of their time (quick ones don't); more than four would have
# the servers that they share as their limit.
CORES := $(shell getconf _NPROCESSORS_ONLN)
WORKERS := -n $(shell expr $(CORES) + 1) --maxprocesses 4
# What tests need and Python can't bring; without it they are skipped.
NEEDED := chromium firefox-esr WebKitWebDriver Xvfb strace node mcs mono

.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(VENV)/.run ## Start everything with simulated tills and print a sign-in link (ARGS="--exit-when-ready" to try and leave)
	@$(BIN)/weboffice demo $(ARGS)

up: $(VENV)/.run ## Start the service alone (ARGS="--port 8080")
	@$(BIN)/weboffice up $(ARGS)

test: $(VENV)/.dev ## Run the whole test suite against a real Kafka and a real PostgreSQL (ARGS="-k upload"; one at a time: ARGS="-n 0")
	@for program in $(NEEDED); do command -v $$program >/dev/null \
	    || echo "$$program is missing, its tests are skipped; on Debian and Ubuntu: apt-get install $$program (WebKitWebDriver: webkit2gtk-driver; Xvfb: xvfb; node: nodejs; mcs, mono: mono-mcs mono-runtime libmono-system-net-http4.0-cil libmono-system-runtime-serialization4.0-cil)"; done
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

quick: $(VENV)/.dev ## Run the tests that need nothing started: no Kafka, no PostgreSQL, no browser, no program
	@$(BIN)/python -m pytest -m quick --hypothesis-profile=quick -n $(CORES) $(ARGS)

nightly: $(VENV)/.dev ## Run the tests that are long and random, and draw ten times as much in the property tests
	@$(BIN)/python -m pytest -m nightly $(ARGS)
	@$(BIN)/python -m pytest -m "quick and hypothesis" --hypothesis-profile=nightly -n $(CORES) $(ARGS)

check: $(VENV)/.dev ## Lint, formatting, types, and once a day known weaknesses of the dependencies (pip-audit)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 producers/till --cache-dir .mypy_cache/win32
	$(BIN)/mypy --platform darwin producers/till --cache-dir .mypy_cache/darwin
	@$(BIN)/python -m tests.security.audit

format: $(VENV)/.dev ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure, side by side with peers and the machine's limit (benchmarks/README.md)
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(VENV)/.dev ## Random faults for longer: make soak MINUTES=60
	$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),10) $(ARGS)

outages: $(VENV)/.dev ## Kafka, then PostgreSQL, away for long: make outages MINUTES=10
	OUTAGE_SECONDS=$$(( $(or $(MINUTES),10) * 60 )) $(BIN)/python -m pytest tests/faults/test_outages.py tests/faults/test_servers.py $(ARGS)

schemas: $(VENV)/.dev ## Write the published schemas and API descriptions anew after a change of schemas/ or the APIs
	$(BIN)/python -m schemas.publish
	$(BIN)/python -m webapp.openapi > docs/api/openapi.json
	$(BIN)/python -m webapp.collection
	$(BIN)/python -m producers.gateway.errorpage
	$(BIN)/python -m tests.schemas.golden_records

till: $(VENV)/.dev ## Build the till client: dist/weboffice-till.pyz (one file, standard library alone) and its wheel
	@$(BIN)/python packaging/till/build.py dist
	@ls dist/weboffice*

sbom: $(VENV)/.dev ## Write dist/weboffice.cdx.json: what is in the service, by the lock file (CycloneDX)
	@mkdir -p dist
	$(PIP) --quiet install 'cyclonedx-bom>=7'
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --of JSON -o dist/weboffice.cdx.json

pin: $(VENV)/.dev ## Write the digests of today's images into compose.yaml and Dockerfile (asks their registry)
	@$(BIN)/python -m ops.compose.pin

lock: $(VENV)/.dev ## Resolve the dependencies anew and write the lock files with hashes
	$(PIP) --quiet install 'uv>=0.9'
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --python-version 3.11 --quiet -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --universal --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --python-version 3.11 --quiet -o requirements-dev.txt
	echo 'polars' | $(BIN)/uv pip compile - -c requirements-dev.txt --universal --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --python-version 3.11 --quiet -o requirements-export.txt
	echo 'obstore' | $(BIN)/uv pip compile - -c requirements-dev.txt --universal --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --python-version 3.11 --quiet -o requirements-s3.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	    || { echo "$(PYTHON) can't make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) …"
	@$(PIP) $(QUIET) install --require-hashes -r requirements.txt || { $(HELP); exit 1; }
	@$(PIP) --quiet install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) …"
	@$(PIP) $(QUIET) install --require-hashes -r requirements-dev.txt || { $(HELP); exit 1; }
	@$(PIP) --quiet install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

.PHONY: help demo up test quick nightly check format bench soak outages schemas till sbom pin lock
