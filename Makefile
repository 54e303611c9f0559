# Two commands: `make run` and `make test`. Both make the environment first, from requirements.lock.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
PYTEST_FLAGS ?=
# A file stays with one worker, which makes what its tests share once; the longest files are first. Some
# tests wait for a cluster or an index: a third worker has the cores meanwhile.
PYTEST := python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

export PATH := $(CURDIR)/$(BIN):$(PATH)
# Python starts some hundred times: what it has compiled is kept, wherever that is switched off.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help run test check lint types workflow docs every unit end-to-end environment singing s3 dashboard lock clean

help:
	@echo "make run         make the environment, then all that params.yaml declares, and print the results"
	@echo "make test        every check: style, types, workflow, docs, unit tests, a small end-to-end run"
	@echo "make singing     add the optional voices of speech (espeak-ng, GPL) to the environment"
	@echo "make s3          add what DVC needs for a remote on S3 to the environment"
	@echo "make dashboard   the MLflow dashboard on 127.0.0.1:5000"
	@echo "make clean       remove what the line has made (not the environment)"

run: environment
	snakemake --cores $(CORES)
	@deepmir results

dashboard: environment
	deepmir dashboard

# What is slow of the checks runs where tests wait.
test: lint
	$(MAKE) --no-print-directory -j 2 every types workflow docs

every: environment
	$(PYTEST) $(PYTEST_FLAGS)

# Each keeps one core busy for a while.
check: environment
	$(MAKE) --no-print-directory -j 2 lint types workflow docs

lint: environment
	ruff check .
	ruff format --check .

types: environment
	mypy

workflow: environment
	snakefmt --check Snakefile
	python tests/lint_workflow.py

docs: environment
	mkdocs build --strict --quiet

unit: environment
	$(PYTEST) -m "not end_to_end" $(PYTEST_FLAGS)

end-to-end: environment
	$(PYTEST) -m end_to_end $(PYTEST_FLAGS)

environment: $(VENV)/ready

singing: environment
	bash scripts/uv $(VENV) pip install --quiet --python $(BIN)/python -r requirements-singing.txt

# --no-deps: boto wants a python-dateutil older than that of the lock, and works with what is named.
s3: environment
	bash scripts/uv $(VENV) pip install --quiet --no-deps --python $(BIN)/python -r requirements-s3.txt

# uv installs the lock in seconds where pip needs minutes. It gets pip's local wheels, if the
# machine has any. Byte code is compiled now, once: half of every later start-up is saved.
$(VENV)/ready: requirements.lock pyproject.toml scripts/environment scripts/uv
	bash scripts/environment $(PYTHON) $(VENV)
	@touch $@

lock: environment
	bash scripts/lock

clean:
	rm -rf data/raw data/audio data/duplicates data/features data/predictions data/generated models reports/index.html reports/experiments reports/scores reports/generated logs mlruns .snakemake .checkpoints .partial
