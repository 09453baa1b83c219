# Everything that make sets up stays in this folder: .uv/ holds uv, .venv/ the packages that
# uv.lock pins. The machine needs only Python 3.11 or newer and make.

PYTHON ?= python3
UV_VERSION := 0.13.9

UV := .uv/bin/uv
LOCK := $(UV) lock --python .uv/bin/python --default-index https://pypi.org/simple
UV_READY := .uv/ready-$(UV_VERSION)
READY := .venv/ready
BIN := .venv/bin
# A process for each core, and one for when the others wait, share the tests file by file, so that
# what a file sets up is set up once. The files stay in their order, in which the longest come early.
PYTEST := $(BIN)/pytest -n $(shell $(PYTHON) -c 'import os; print(min(4, os.cpu_count() + 1))') \
	--dist loadfile --no-loadscope-reorder

export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV
# The tests start Python hundreds of times: without what it has compiled, they take twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup kerberos demo test check lint format bench prove reference synchronous lock changelog clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## Set up uv and all packages; the other targets do it when needed

kerberos: $(READY) ## Add the packages for Kerberos, which need gcc and libkrb5-dev to compile
	$(UV) sync --frozen --all-extras --python .uv/bin/python

demo: $(READY) ## Run the server with demo data on this machine only; pass options as ARGS="..."
	@$(BIN)/openucwa serve --demo --data .demo $(ARGS) || { status=$$?; \
		echo 'With make, options are given as ARGS, such as: make demo ARGS="--port 8081"' >&2; exit $$status; }

test: $(READY) ## Run all tests, the slow ones too, and those of the interface on PostgreSQL, too
	$(PYTEST)
	$(PYTEST) --engine postgres tests/http tests/race -k "not kerberos and not oidc"

check: lint ## Lint, type-check and run the quick tests: what a commit needs
	$(PYTEST) -m "not slow"

lint: $(READY) ## Lint and type-check
	$(LOCK) --check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy src tests bench prove tools
	$(BIN)/lint-imports
	$(BIN)/python -m tools.synchronous --check
	@echo "$(BIN)/basedpyright --verifytypes openucwa.client --ignoreexternal"
	@found=$$(PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/basedpyright --verifytypes openucwa.client --ignoreexternal) || { echo "$$found"; exit 1; }
	$(BIN)/towncrier build --draft --version next > /dev/null

format: $(READY) ## Format the code and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(READY) ## Measure; pass options as ARGS="..."
	$(BIN)/python -m bench $(ARGS)

prove: $(READY) ## Try to show that a promise is broken; pass options as ARGS="..."
	$(BIN)/python -m prove $(ARGS)

reference: $(READY) ## Write docs/reference/resources.md and sdk.md from the source
	$(BIN)/python -m tools.reference
	$(BIN)/python -m tools.sdk_reference

synchronous: $(READY) ## Write src/openucwa/client/_sync/ from _async/
	$(BIN)/python -m tools.synchronous

lock: $(UV_READY) ## Bring uv.lock up to date with pyproject.toml; ARGS=--upgrade for newer packages
	$(LOCK) $(ARGS)

changelog: $(READY) ## Show what the changelog of the next release will say
	$(BIN)/towncrier build --draft --version next

clean: ## Remove everything that make has set up or made
	rm -rf .uv .venv .peers .demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench prove tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml uv.lock $(UV_READY)
	$(UV) sync --frozen --all-extras --no-extra kerberos --python .uv/bin/python
	@touch $@

$(UV_READY):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("OpenUCWA needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@
