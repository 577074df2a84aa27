# `make run` and `make test` each work as the first and only command after a clone: Python 3.11+ and make are enough.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint docs clean

run: .venv/ready
	$(BIN)/almanac refresh --replay tests/captures --installed --prefect
	$(BIN)/almanac compare google/gemini-3.1-flash-lite mistral/mistral-nemo-2407
	@echo; $(BIN)/almanac site build/site --comparisons 60

test: .venv/ready
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/ready
	$(BIN)/python -m docs.build

.venv/ready: constraints.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version.split()[0])"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
