# `make help` lists the commands. Each sets up what it needs; a second run starts at once.
SHELL := bash
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8501

BIN := .venv/bin
# A file's tests stay together; two processes of one thread are faster than one of two, more only get in each other's way.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --max-worker-restart 0 --dist loadfile --no-loadscope-reorder
INSTALLED := .venv/.installed$(if $(LIGHT),-light)
INSTALLED_TESTS := .venv/.installed-tests

.DEFAULT_GOAL := help
.PHONY: help run test test-fast check format pictures readme bench load accuracy audit clean python port chromium

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

run: python port $(INSTALLED)  ## start the dashboard on http://localhost:8501 (another port: PORT=8600; for the network: SHARE=1; without PyTorch: LIGHT=1)
	@exec $(BIN)/python -m segmethods dashboard --port $(PORT) $(if $(SHARE),--share)

test: python $(INSTALLED_TESTS) chromium  ## run every test, doctests and the browser's included
	@$(PYTEST) $(ARGS)

test-fast: python $(INSTALLED_TESTS)  ## run the quick tests, those that start nothing: under 90 seconds
	@$(BIN)/python -m pytest -m unit $(ARGS)

check: python $(INSTALLED_TESTS) chromium  ## format, lint, types, import rules, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(PYTEST)

format: python $(INSTALLED_TESTS)  ## format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

pictures: python $(INSTALLED_TESTS) chromium  ## photograph the dashboard for the README
	@$(BIN)/python -m tests.browser.brand_images

readme: python $(INSTALLED)  ## write the sessions and tables of README.md anew (those that measure: ARGS=--measure DATA=..., see accuracy)
	@DATA="$(DATA)" $(BIN)/python -m tests.readme $(ARGS)

bench: python $(INSTALLED_TESTS)  ## time the methods on this machine, and against what a user would write; bench.json has the figures
	@$(BIN)/python -m tests.bench.methods $(ARGS)
	@$(BIN)/python -m tests.bench.peers --json bench.json
	@$(BIN)/python -m tests.bench.eager
	@$(BIN)/python -m tests.bench.memory

load: python $(INSTALLED_TESTS)  ## send a class of thirty, and one of a hundred, through the dashboard of this machine
	@$(BIN)/python -m tests.bench.load $(ARGS)

accuracy: python $(INSTALLED)  ## score every network on labelled pictures: make accuracy DATA=folder with voc/val, camvid/val
	@$(BIN)/python -m tests.accuracy --data "$(DATA)" $(ARGS)

audit: python $(INSTALLED)  ## ask whether the packages have known holes (needs the internet)
	@$(PIP) -q pip-audit==2.10.1
	@$(BIN)/pip-audit -r requirements.txt --no-deps --disable-pip

clean:  ## remove the virtual environment and all caches
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@command -v $(PYTHON) >/dev/null \
	|| { echo "Python 3.11 or newer is needed, and $(PYTHON) is not here: install it, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "Python 3.11 or newer is needed, $(PYTHON) is older: install one, or name one: make PYTHON=python3.12" >&2; exit 1; }

port:
	@! (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null \
	|| { echo "Port $(PORT) is taken: stop what uses it, or choose another one: make run PORT=8600" >&2; exit 1; }

# pip says only what takes long: the large downloads and the final unpacking.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off
LOUD := awk '/Downloading .* MB/ || /^Installing/ {print "  " substr($$0, 1, 100); fflush()}'

$(INSTALLED): requirements.txt
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "$(PYTHON) can't make virtual environments: install its venv package (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@echo "Installing the packages into .venv: about $(if $(LIGHT),1.27 GB,6.5 GB) on Linux, two to five minutes. This happens once."
	@set -o pipefail; $(PIP) -r $(if $(LIGHT),<(grep -vE '^(torch|torchvision|distributed)==' requirements.txt),$<) | $(LOUD)
	@touch $@

$(INSTALLED_TESTS): tests/requirements.txt $(INSTALLED)
	@echo "Installing the test tools into .venv: under a minute."
	@set -o pipefail; $(PIP) -r tests/requirements.txt | $(LOUD)
	@touch $@

chromium:
	@$(BIN)/python -m tests.browser.chromium
