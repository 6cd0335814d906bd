# The few commands people type. Each installs what it needs into .venv first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help repro view claims test lint bench schema screenshots
help:
	@echo "make repro   train and explain the runs named in params.yaml, as far as they are not up to date;"
	@echo "             dvc repro, in the environment, also measures how faithful the impacts are: minutes more"
	@echo "make view    open the results in the browser"
	@echo "make claims  check the paper's claims: builds what they need, half an hour, then writes artifacts/claims.md"
	@echo "make test    run the tests; those of the viewer need a browser: apt-get install chromium"
	@echo "make lint    check style and types"
	@echo "make bench   measure the speed claims of the README"
	@echo "make schema  write artifacts/README.md and artifacts/views.sql anew from pipeline/schema.py"
	@echo "make screenshots  draw the README's pictures of the viewer anew from the run paper, in Chromium"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "error: Python %d.%d found; 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11" % v)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

repro: $(STAMP)
	dvc repro impacts maps

view: $(STAMP)
	python -m viewer

# The paper's network and the one without its hidden layer, three seeds each. Complete runs are left alone. Side by side,
# a thread each: a sweep of small runs took two thirds of the time that way; of these runs it is not measured.
claims: $(STAMP)
	dvc repro impacts@paper maps@paper
	python -m pipeline -m run=paper 'name=paper-seed$${seed}' seed=2,3 impacts.examples=mapped faithfulness.examples=0 hydra/launcher=joblib
	python -m pipeline -m run=no_hidden 'name=no_hidden-seed$${seed}' seed=1,2,3 impacts.examples=mapped faithfulness.examples=0 hydra/launcher=joblib
	python -m pipeline.stages.claims

# In two processes, a file of tests to each; the tests in the browser follow alone, as theirs is a server and a browser beside.
test: $(STAMP)
	python -m pytest -m 'not browser' --numprocesses=2 --dist=loadfile
	python -m pytest -m browser

lint: $(STAMP)
	ruff check
	ruff format --check
	mypy

bench: $(STAMP)
	python -m tests.bench

schema: $(STAMP)
	python -m pipeline.catalog

screenshots: $(STAMP)
	python -m tests.screenshots
