# `make run` and `make test` need nothing but Python 3.11, Node 20 and the package registries.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
ARGS ?=

VENV := $(CURDIR)/.venv
PY := $(VENV)/bin/python
EXAMPLE := examples/django_app

export PYTHON PORT

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

.PHONY: setup
setup: ## make or refresh .venv (every other target does it by itself)
	@tools/setup.sh

.PHONY: setup-clients
setup-clients: setup ## Node's packages and Chromium, which the tests drive
	@tools/setup_clients.sh

.PHONY: run
run: setup ## the Django example, live, on a local Pusher (PORT=8000 MOCK_PORT= MEMORY=1)
	@exec tools/run_demo.sh

.PHONY: test
test: setup setup-clients test-example ## every test, with the coverage floors
	$(PY) -m pytest -p tools.coverage_floors -n 2 $(ARGS)

# From its own directory and by both runners, as an application that uses the package would. pytest
# runs it with the broker forced to the mock, as a suite on a machine without a network would be.
.PHONY: test-example
test-example: setup ## the Django example's own tests, by Django's runner and by pytest
	cd $(EXAMPLE) && USE_MOCKS=true $(PY) manage.py test
	cd $(EXAMPLE) && BROKER_IMPL=mock $(PY) -m pytest -q

.PHONY: lint
lint: setup ## ruff: rules and layout
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

.PHONY: format
format: setup ## let ruff repair what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

.PHONY: types
types: setup ## mypy, strict; and our stubs of the SDKs against the SDKs
	$(PY) -m mypy
	cd $(EXAMPLE) && $(PY) -m mypy .
	MYPYPATH=typings $(PY) -m mypy.stubtest --allowlist typings/allowlist.txt pusher pysher

.PHONY: contract
contract: setup ## import-linter: arrows point down
	$(VENV)/bin/lint-imports

.PHONY: docs-check
docs-check: setup ## run the code blocks of README.md and docs/
	$(PY) -m pytest tests/docs $(ARGS)

.PHONY: docs
docs: setup ## build the documentation into site/; any warning or broken link fails
	$(PY) -m tools.build_docs

.PHONY: docs-serve
docs-serve: setup ## show the documentation and follow changes (PORT=8000)
	$(PY) -m zensical serve --dev-addr 127.0.0.1:$(PORT)

.PHONY: matrix
matrix: setup ## the supported SDKs, and every Python that is here (ARGS=--help)
	$(PY) -m tools.matrix $(ARGS)

.PHONY: bench
bench: setup ## the benchmarks (ARGS=--help)
	$(PY) -m benchmarks $(ARGS)

.PHONY: bench-wire
bench-wire: setup ## the server over real sockets, beside Node and C (ARGS=--help)
	$(PY) -m benchmarks.wire $(ARGS)

.PHONY: screenshots
screenshots: setup setup-clients ## the pictures of the documentation
	$(PY) -m tools.screenshots

.PHONY: check
check: lint types contract test ## what a change must pass

.PHONY: lock
lock: setup ## resolve requirements/dev.txt anew (needs uv on the path)
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --upgrade \
		--custom-compile-command 'make lock' --output-file requirements/dev.txt

.PHONY: clean
clean: ## everything that can be made again
	rm -rf .venv .matrix build dist site benchmarks/wire/build
	find . -name node_modules -type d -prune -exec rm -rf {} +
	rm -rf .cache .coverage .coverage.* htmlcov .hypothesis
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f $(EXAMPLE)/db.sqlite3
