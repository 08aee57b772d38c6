# `make demo` and `make test` set up all they need in .venv; the other targets are the gates.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types docs wheel gates bench clean

demo: $(VENV)/ready-demo
	$(BIN)/python examples/demo.py

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready-dev
	$(BIN)/mypy --strict src

docs: $(VENV)/ready-dev
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

# The wheel, in an environment that has nothing else, does the main job in an empty folder.
wheel: $(VENV)/ready-dev
	rm -rf dist build/wheel-check && mkdir -p build/wheel-check
	$(BIN)/python -m build --wheel --outdir dist .
	$(PYTHON) -m venv build/wheel-check/.venv
	build/wheel-check/.venv/bin/python -m pip install -q "$$(ls dist/custvalue-*.whl)[report]"
	cp examples/demo.py build/wheel-check/
	cd build/wheel-check && .venv/bin/custvalue --version && .venv/bin/python demo.py
	test -s build/wheel-check/demo/report.html && test -s build/wheel-check/demo/customers.csv

gates: lint types docs wheel

bench: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks --full

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'custvalue needs Python 3.11 or newer')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip

$(VENV)/ready-demo: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install -q -e ".[report]"
	touch $@

$(VENV)/ready-dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install -q -e ".[dev,docs,peers]"
	touch $@ $(VENV)/ready-demo

clean:
	rm -rf $(VENV) build dist demo docs/_build docs/gallery docs/reference/generated
