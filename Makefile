# MNIST Study. `make book` builds the book into _build/html, `make test` proves it; both set up .venv first.

SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
STRIP := $(BIN)/nbstripout --keep-id --keep-count --extra-keys metadata.language_info
export TQDM_DISABLE := 1

.PHONY: book app test lint unit notebooks browser outputs benchmarks weights clean

book: .venv/.ready
	@mkdir -p _build
	@# Jupyter Book's cache looks at cells only: start afresh when the package, the data or a version has changed.
	@find mnist_study data requirements.txt -type f -not -name '*.pyc' | LC_ALL=C sort > _build/.files
	@paste -d ' ' _build/.files - < <(git hash-object --no-filters --stdin-paths < _build/.files) > _build/.digest.new
	@cmp -s _build/.digest.new _build/.digest || { mv _build/.digest.new .digest; rm -rf _build; mkdir _build; mv .digest _build/.digest; }
	$(BIN)/mnist-study export-page book/_static/pad
	$(BIN)/jupyter-book build --all -W -n --keep-going .

# The drawing pad as a page of its own, in your browser; Ctrl+C ends it.
app: .venv/.ready
	@echo 'The drawing pad opens at http://127.0.0.1:8866 in a few seconds; Ctrl+C ends it.'
	@OMP_NUM_THREADS=1 $(BIN)/voila notebooks/app.ipynb --Voila.ip=127.0.0.1 --port 8866 --Voila.port_retries=0 --Voila.log_level=ERROR

test: lint unit notebooks browser

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(STRIP) --verify notebooks/*.ipynb

unit: .venv/.ready
	$(BIN)/pytest --ignore tests/browser

notebooks: .venv/.ready
	$(BIN)/pytest --nbval-lax --nbval-current-env notebooks

browser: book
	$(BIN)/pytest tests/browser

# Run the notebooks and store the outputs of the cells that are marked for comparison; strip all others.
outputs: .venv/.ready
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace notebooks/*.ipynb
	$(STRIP) notebooks/*.ipynb

benchmarks: .venv/.ready
	$(BIN)/python benchmarks/import_time.py
	$(BIN)/python benchmarks/mlp_epoch.py
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/one_epoch.py
	$(BIN)/python benchmarks/drawing.py

# Train the networks that ship with the package anew, with the records beside them (an hour).
weights: .venv/.ready
	$(BIN)/mnist-study ship softmax --seeds 3
	for name in mlp mlp_jax fc_small fc cnn; do $(BIN)/mnist-study ship $$name --seeds 5 || exit 1; done
	$(BIN)/mnist-study ship cnn_fast --seeds 10
	OMP_NUM_THREADS=1 $(BIN)/mnist-study ship cnn_hand --seeds 2

clean:
	rm -rf _build .venv runs *.egg-info .pytest_cache .ruff_cache .hypothesis

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'MNIST Study needs Python 3.11 or later; name one: make PYTHON=python3.11' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
