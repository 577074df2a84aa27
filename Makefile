# `make run` and `make test` each work as the first and only command after a clone: Python 3.11+ and make are enough.
PYTHON ?= python3
BIN := .venv/bin
# Compiled code is kept: the tests start hundreds of programs, and each would compile ours anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-fast test-ahead lint audit lock docs clean

run: .venv/ready
	$(BIN)/almanac refresh --replay tests/captures --installed --prefect
	$(BIN)/almanac compare google/gemini-3.1-flash-lite mistral/mistral-nemo-2407
	@echo; $(BIN)/almanac site build/site --comparisons 60

# One more than there are processors: many tests wait for programs and servers that they start.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: .venv/ready
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

# What is quick, of every room: no Prefect, Dask, PostgreSQL, browser, crawl.
test-fast: .venv/ready
	$(BIN)/python -m pytest -n auto --dist loadfile --fast

# The same tests on a leap day in Tokyo, more than 400 days ahead, under Debian's faketime; it prints what it leaves out.
test-ahead: .venv/ready
	$(BIN)/python .ci/ahead.py $(if $(QUICK),--quick) $(SIDE_BY_SIDE)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PYTHON) .ci/link_types.py
	$(BIN)/mypy

# Holds what is installed against advisories in the OSV format, with no network: make audit ADVISORIES=FILE (or a folder, or a zip).
audit: .venv/ready
	@ALMANAC_ADVISORIES="$(or $(ADVISORIES),$(ALMANAC_ADVISORIES))" $(BIN)/python .ci/audit.py

# Writes the lists of pinned versions and their hashes anew; UPGRADE=1 takes the newest versions that fit.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv==0.13.9
	$(PYTHON) .ci/lock.py build/lock/bin/uv $(if $(UPGRADE),--upgrade)

docs: .venv/ready
	$(BIN)/python -m docs.tools.build
	$(BIN)/python -m docs.tools.originals

.venv/ready: constraints.txt constraints-dev.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed, this is ' + sys.version.split()[0])"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps -r constraints-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
