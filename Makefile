# The commands that a fresh clone needs are `make demo` and `make test`. Each first sets up .venv/ in this folder, and
# nothing outside it, unless that is done already. `make help` lists the others.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST_WORKERS ?= 2

PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check --no-cache-dir -qq install -c constraints.txt

# What is meant for the user's other Pythons must not reach this one.
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX

# Says yes when the environment was completed in this very folder and its interpreter still runs. The marker is removed
# before anything is changed and written back at the end, so an interrupted set-up starts over.
USABLE := $(shell [ "$$(cat $(READY) 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c '' 2>/dev/null && echo yes)

.PHONY: setup demo test lint clean help always
.DEFAULT_GOAL := setup

setup: $(READY)  ## set up .venv/ with the tested versions; does nothing when that is done

demo: $(READY)  ## fit the published runs, predict each family's largest model, write demo-output/report.html
	@$(BIN)/bayes-scaling demo --out demo-output

test: $(READY)  ## run all tests, ruff, mypy and the import contracts among them
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile

lint: $(READY)  ## run only ruff, mypy and the import contracts
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-logo --no-cache

clean:  ## remove .venv/ and everything else that these commands wrote
	@rm -rf $(VENV) demo-output build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## list these commands
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

$(READY): pyproject.toml constraints.txt $(if $(USABLE),,always)
	@rm -f $@
ifeq ($(USABLE),)
	@python=$$(sh scripts/find-python.sh) && rm -rf $(VENV) \
	    && echo "Setting up $(VENV)/ with $$("$$python" -V) from $$python" && "$$python" -m venv $(VENV)
endif
	@echo "Installing the tools that build the package"
	@$(PIP_INSTALL) hatchling editables
	@echo "Installing the tested versions in constraints.txt (a minute or two the first time)"
	@$(PIP_INSTALL) --no-build-isolation --editable '.[dev]'
	@echo "$(CURDIR)" > $@
	@echo "$(VENV)/ is ready"
