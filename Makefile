# Two commands to begin with: make inspect, make test. All of them build their own environment in .venv.

SAMPLE_PEOPLE = 20000
SAMPLE_DAY = 2025-10-01
SAMPLE_ERRORS = 0.005

.PHONY: help inspect demo serve test check bench env format clean

help:
	@echo "make inspect   inspect a sample insurer's links against a sample register"
	@echo "make demo      serve a filled system of synthetic people on http://127.0.0.1:8080"
	@echo "make serve     serve an empty system in your data folder, to be set up"
	@echo "make test      run the tests"
	@echo "make check     lint, format, types, direction of imports"
	@echo "make bench     measure speed and quality, and write bench/RESULTS.md"
	@echo "make env       build .venv for work on the program"
	@echo "make format    format the code"
	@echo "make clean     remove .venv, the sample and caches"

# Exit 3 says that somebody must act on what was found: the run itself succeeded.
inspect: .venv/.run sample/.made
	@.venv/bin/himozuke inspect sample/links.csv --register sample/register.parquet \
	  --scheme health_insurance --on $(SAMPLE_DAY) --out sample/result || [ $$? -eq 3 ]

sample/.made: | .venv/.run
	@.venv/bin/himozuke population $(SAMPLE_PEOPLE) --errors $(SAMPLE_ERRORS) --out sample
	@touch $@

demo: .venv/.serve
	.venv/bin/himozuke demo

serve: .venv/.serve
	.venv/bin/himozuke serve

test: .venv/.test
	.venv/bin/pytest -n auto --maxprocesses 4

check: .venv/.test
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/.bench
	.venv/bin/python bench/run.py

env: .venv/.test

format: .venv/.test
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

.venv/.run .venv/.serve .venv/.test .venv/.bench: pyproject.toml uv.lock tools/environment.sh
	@tools/environment.sh $(patsubst .%,%,$(notdir $@))
	@touch $@

clean:
	rm -rf .venv sample .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
