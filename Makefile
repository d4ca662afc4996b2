# Few, plain targets. Everything is done by the scripts in bin/, from any fresh clone of this repository.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check lock setup reset clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 10

demo:  ## the portal with a season in it on http://127.0.0.1:$PORT (8000), after all set-up
	@bin/setup
	@exec bin/demo

test:  ## every test: on SQLite, then on PostgreSQL with Redis (the same set-up first)
	@bin/setup --test
	@bin/test

check:  ## formatting, lint, types, imports, templates, migrations, production settings
	@bin/setup --test
	@bin/check

setup:  ## the set-up alone
	@bin/setup --test

lock:  ## refresh requirements*.lock and package-lock.json from pyproject.toml and package.json
	@bin/setup
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

reset:  ## forget the demo's data; the next `make demo` loads a new season
	rm -rf var/demo.sqlite3* var/files var/mail var/broker var/cache var/celerybeat-schedule*

clean:  ## remove everything that set-up and runs have made
	rm -rf .venv node_modules var .mypy_cache .ruff_cache .import_linter_cache .hypothesis
