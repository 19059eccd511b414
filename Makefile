# Needs Python 3.11 or newer, make and a package index; brings the rest itself.
# Whatever these targets write stays in this folder: .venv, var/ and the caches named in .gitignore.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q

# Nothing of a person's own Prefect profile is read, and nothing is reported to anybody.
export PREFECT_HOME := $(CURDIR)/var/prefect
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export PIP_CACHE_DIR := $(CURDIR)/var/cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_CACHE_DIR := $(CURDIR)/var/cache/uv
export PYTEST_DEBUG_TEMPROOT := $(CURDIR)/var/tmp

.DEFAULT_GOAL := help
.PHONY: help demo up sandbox pictures deploy test check bench day hour million chaos lock lock-check

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## a seminar, a lesson and donations in a portal, in a sandbox, in a few minutes
	@$(BIN)/python -m deployments.demo

up: $(INSTALLED) ## the same programs and data, left running for you until Ctrl-C
	@$(BIN)/python -m deployments.up

sandbox: $(INSTALLED) ## only the stand-ins of Bitrix24, Timepad and Leyka, with a seminar in them
	@$(BIN)/python -m backoffice.sandbox --seed seminar

pictures: $(INSTALLED) ## docs/pictures anew, from a real run; needs Chromium
	@$(BIN)/python -m deployments.pictures

deploy: $(INSTALLED) ## make the Prefect server at PREFECT_API_URL match prefect.yaml
	@$(BIN)/python -m deployments.deploy

test: $(INSTALLED) ## the tests
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	$(BIN)/pytest --numprocesses 2 --dist loadfile

check: $(INSTALLED) ## style, types, layers, the timetable, the lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deployments.timetable
	$(MAKE) --no-print-directory lock-check

bench: $(INSTALLED) ## us beside other clients, in real time, some 20 minutes; BENCH="read write": only these parts
	@$(BIN)/python -m tests.benchmarks.bench $(BENCH)

day: $(INSTALLED) ## a day of lesson reminders in a school of 20,000 deals, on the sandbox's clock; some minutes
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	@$(BIN)/pytest -q --no-header --capture=no tests/benchmarks/simulated_day.py

hour: $(INSTALLED) ## ten thousand donations within an hour, and a portal full of twins: what they cost; some minutes
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	@$(BIN)/pytest -q --no-header --capture=no tests/benchmarks/donations_hour.py

million: $(INSTALLED) ## our copy of a million deals of 300,000 clients: memory, requests, time; some minutes
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	@$(BIN)/pytest -q --no-header --capture=no tests/benchmarks/million_deals.py

chaos: $(INSTALLED) ## 1,000 seeded schedules of lost, doubled and late deliveries, faults and kills; half an hour
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	@CHAOS_SCHEDULES=$${CHAOS_SCHEDULES:-1000} $(BIN)/pytest -q tests/chaos/donations/test_donation_schedules.py tests/chaos/calls/test_call_schedules.py

lock: $(INSTALLED) ## write requirements.lock anew after a change of pyproject.toml
	$(lock_index) $(BIN)/uv pip compile $(LOCK_OPTIONS) --group dev pyproject.toml -o requirements.lock

# A copy is resolved, so that versions already chosen stay and only a difference from pyproject.toml shows.
lock-check: $(INSTALLED)
	@mkdir -p var && cp requirements.lock var/requirements.check
	@$(lock_index) $(BIN)/uv pip compile $(LOCK_OPTIONS) --group dev pyproject.toml -o var/requirements.check
	@diff var/requirements.check requirements.lock || { echo "requirements.lock differs from pyproject.toml: run 'make lock'" >&2; exit 1; }
	@! grep -nE '://|^ *--(index|extra-index|find-links|trusted)' requirements.lock || { echo "requirements.lock names a host" >&2; exit 1; }
	@echo "requirements.lock matches pyproject.toml and names no host"

# uv does not read pip's configuration: hand it the index that pip was told to use, if any.
lock_index = index=$$($(BIN)/pip config get global.index-url 2>/dev/null); \
	index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$index}}; [ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index";

# The first interpreter that runs and is new enough; pyenv leaves commands on PATH that only print an error.
$(VENV)/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		echo "Creating $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV) && exit 0; \
		rm -rf $(VENV); exit 1; \
	done; \
	echo "No Python 3.11 or newer found on PATH. Install one, or say: make PYTHON=/path/to/python3" >&2; exit 1

# The locked pip comes first: the one that comes with Python may forget a pin when a package asks for extras of it.
# The stamp is written last: an interrupted installation is taken up again by the next call.
$(INSTALLED): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked dependencies into $(VENV)"
	@mkdir -p var && sed -n '/^pip==/,/# via/p' requirements.lock > var/requirements.pip
	@$(BIN)/python -m pip install --quiet --require-hashes -r var/requirements.pip
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	@touch $@
