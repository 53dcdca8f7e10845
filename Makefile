# Wedge needs Python 3.11 or newer and make; the rest is installed into .venv from the locks.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test strangers check bench soak lock clean

PACKAGES := gateway devices wcs routing sync simulators
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet --no-input
INSTALL := $(PIP) install --no-deps --require-hashes --only-binary :all: --no-compile
COMPILE := .venv/bin/python -m compileall -q -j 0 -x '/tests/' .venv/lib
# Without bytecode each process of the demo would start three seconds later.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/runtime ## the whole warehouse on this machine, simulated (ARGS="--orders 50 --seed 7")
	@exec .venv/bin/wedge demo $(ARGS)

test: .venv/dev ## all tests (ARGS="-k scanner -x")
	@.ci/system-packages chromium mosquitto
	@.venv/bin/python -m pytest -n 3 --dist loadfile --ignore=tests/strangers $(ARGS)

strangers: .venv/dev ## our drivers against foreign servers (libmodbus, node-opcua), where they can be installed
	@.venv/bin/python -m pytest -n 2 --dist loadfile tests/strangers $(ARGS)

check: .venv/dev ## format, lint, types, who may import whom
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy $(PACKAGES) tests
	@.venv/bin/lint-imports --no-logo

bench: .venv/dev ## speeds, each as a ratio to a floor in the same run
	@.venv/bin/python -m tests.benchmarks $(ARGS)

soak: .venv/dev ## hours of traffic and faults, memory watched
	@.venv/bin/python -m tests.soak $(ARGS)

lock: ## both locks anew from pyproject.toml (needs uv)
	@.ci/lock

clean: ## what was built, installed or cached here
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made:
	@.ci/venv
	@touch $@

.venv/runtime: requirements.lock pyproject.toml .venv/made
	@echo "installing into .venv ..."
	@$(INSTALL) -r requirements.lock
	@$(COMPILE)
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	@echo "installing what tests and checks need ..."
	@$(INSTALL) -r requirements-dev.lock
	@$(COMPILE)
	@touch $@
