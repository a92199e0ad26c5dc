# One command each. `make demo` sets up and runs the main job; `make test` sets up and tests.
# Nothing but python3 (3.11 or newer, with venv) and make is needed.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out/demo
PEOPLE ?= 100000
SEED ?= 1
PORT ?= 8000
PORTAL_PEOPLE ?= 50000
# What `make test` leaves out: nothing. `.ci/run` has run the tests of disclosure control before, with their coverage, and on
# PostgreSQL those of pages, which lean on no trigger or constraint of an engine.
EXCEPT ?=
# One computation thread a process by default: small matrices are slower on several, and the last digit of a
# sum may depend on how it was split.
export OPENBLAS_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0

DISCLOSURE_TESTS := tests/spec/test_disclosure_rules.py tests/spec/test_feasibility_rules.py tests/unit/test_feasibility_parts.py \
	tests/unit/test_register.py tests/unit/test_report_notes.py $(wildcard tests/unit/test_disclosure_*.py) \
	tests/attacks/test_differences_attacks.py tests/attacks/test_disclosure_attacks.py tests/attacks/test_nested_attacks.py \
	tests/attacks/test_curve_attacks.py tests/attacks/test_said_attacks.py

PAGE_TESTS := $(foreach name,access early_access library library_api library_pages figures comparing hostile_uploads plan_form \
	provider_pages steward queue ties,tests/portal/test_$(name).py)

.PHONY: disclosure-tests page-tests setup demo serve assets test test-postgres test-spark coverage mutants test-slow truth truth-chain check fix bench docs lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    set up, then the whole chain on a made-up country: report, annex, results"
	@echo "make serve   set up, then the portal with a made-up country and an account for each kind of person"
	@echo "make test    set up, then the tests (fast ones; make test-slow runs the rest)"
	@echo "make test-postgres  the portal's tests, and the races, on a PostgreSQL of their own"
	@echo "make test-spark  the same study on DuckDB and on Spark (needs Java 17)"
	@echo "make coverage  disclosure control's tests reach every branch of it"
	@echo "make mutants  small faults in its rules, one at a time: a test must notice each (MUTANTS="--only checks" for some; all take over an hour)"
	@echo "make truth   the whole truth table, under an hour     make truth-chain  whole chain against redrawn programmes"
	@echo "make check   lint, types, contracts, generated docs     make fix   put right what can be"
	@echo "make bench   time and memory; BENCH="--only peers"       make docs  regenerate docs/generated"

setup: .venv/.ready

.venv/.ready: requirements.lock requirements-uv.lock pyproject.toml scripts/setup.sh
	@bash scripts/setup.sh "$(PYTHON)"

demo: .venv/.ready
	@$(BIN)/datalab demo --people $(PEOPLE) --seed $(SEED) --out "$(OUT)" --overwrite

serve: .venv/.ready
	@PYTHONPATH=src $(BIN)/python -m portal serve --port $(PORT) --people $(PORTAL_PEOPLE)

assets:
	@bash scripts/assets.sh

test-postgres: .venv/.ready
	@bash scripts/postgres.sh $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/portal $(addprefix --ignore=,$(wildcard tests/portal/test_*journeys.py) tests/portal/test_portal_code.py tests/portal/test_sealed_runs.py)

test: .venv/.ready
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal tests src $(EXCEPT)

.venv/.spark: .venv/.ready requirements-spark.lock
	@bash scripts/spark.sh

test-spark: .venv/.spark
	@$(BIN)/python -m pytest -q -rs -m spark tests

disclosure-tests:
	@echo $(DISCLOSURE_TESTS)

page-tests:
	@echo $(PAGE_TESTS)

coverage: .venv/.ready
	@$(BIN)/python -m coverage run --data-file=.coverage -m pytest -q $(DISCLOSURE_TESTS)
	@$(BIN)/python -m coverage report --data-file=.coverage

mutants: .venv/.ready
	@$(BIN)/python -m tests.mutation $(MUTANTS)

test-slow: .venv/.ready
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal --run-slow tests src

truth: .venv/.ready
	@$(BIN)/python -m tests.truth

truth-chain: .venv/.ready
	@$(BIN)/python -m tests.truth.chain

check: .venv/.ready
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m scripts.docs --check

fix: .venv/.ready
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

docs: .venv/.ready
	@$(BIN)/python -m scripts.docs

bench: .venv/.ready
	@$(BIN)/python -m bench $(BENCH)

lock:
	.tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --group dev --extra pdf --extra portal pyproject.toml -o requirements.lock
	.tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra spark -c requirements.lock pyproject.toml -o requirements-spark.lock

clean:
	rm -rf .venv .tools out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
