# MNIST Study. `make book` builds the book into _build/html, `make test` proves it; both set up .venv first.

SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
CORES := $(shell nproc 2> /dev/null || sysctl -n hw.ncpu)
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false
STRIP := $(BIN)/nbstripout --keep-id --keep-count --extra-keys metadata.language_info
PAGE := book/_static/pad/weights.js book/_static/pad/two_digits.js
TRAIN := book/_static/train/digits.js book/_static/train/more_digits.js
export TQDM_DISABLE := 1

.PHONY: book chapter app test quick lint unit notebooks browser elsewhere outputs pdf teacher readme diagrams benchmarks weights clean

book: .venv/.ready $(PAGE) $(TRAIN)
	$(BIN)/python book/build.py

# One chapter by its number, executed and built alone: make chapter N=07
chapter: .venv/.ready $(PAGE) $(TRAIN)
	$(BIN)/python book/build.py $(or $(N),$(error name a chapter: make chapter N=07))

# The networks as the page's pad carries them: both files at once, which make knows of patterns only.
$(PAGE:.js=%js): .venv/.ready $(shell find mnist_study -name '*.py' -o -name '*.safetensors' -o -name '*.npz')
	$(BIN)/mnist-study export-page $(@D)

# What the page's trainer learns from.
$(TRAIN:.js=%js): .venv/.ready book/trainer.py book/kernel.py $(wildcard data/*)
	$(BIN)/python book/trainer.py $(@D)

# The drawing pad as a page of its own, in your browser; Ctrl+C ends it.
app: .venv/.ready
	@echo 'The drawing pad opens at http://127.0.0.1:8866 in a few seconds; Ctrl+C ends it.'
	@OMP_NUM_THREADS=1 $(BIN)/voila notebooks/app.ipynb --Voila.config_file_paths=notebooks/app

# `book` runs the chapters as tests, once; `notebooks` would run them all again.
test: lint unit book browser

# What can be known in a minute.
quick: lint
	$(ONE_THREAD) $(BIN)/pytest -n $(CORES) -m 'not slow' --ignore tests/browser

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(STRIP) --verify notebooks/*.ipynb

unit: .venv/.ready
	$(ONE_THREAD) $(BIN)/pytest -n $(CORES) --ignore tests/browser

notebooks: .venv/.ready
	$(ONE_THREAD) $(BIN)/pytest -n $(CORES) --dist loadscope --nbval-lax --nbval-current-env notebooks

# One more than there are cores, since a page waits now and then; the app first, which waits most.
browser: .venv/.ready book
	$(ONE_THREAD) $(BIN)/pytest -n $$(($(CORES) + 1)) --dist loadscope --no-loadscope-reorder tests/browser

# The chapters under other arithmetic, and with other seeds: which of their claims hold? SHORT=1: one other arithmetic.
elsewhere: .venv/.ready
	$(BIN)/python tests/elsewhere/elsewhere.py $(if $(SHORT),--short)

# Run the notebooks and store the outputs of the cells that are marked for comparison; strip all others.
outputs: .venv/.ready
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace notebooks/*.ipynb
	$(STRIP) notebooks/*.ipynb

# The built book on paper.
pdf: book
	$(BIN)/python book/pdf.py

# Two sets of the chapters for a course: without the answers, and with them in their places.
teacher: book
	$(BIN)/python book/teacher.py _build/teacher

# The README's table of networks, from their records.
readme: .venv/.ready
	$(BIN)/python book/readme.py

# The chapters' diagrams as files, from the script that draws them.
diagrams: .venv/.ready
	$(BIN)/python book/diagrams.py

# What the book's page "How good is it?" shows, measured anew; one of them: make benchmarks B=mlp_epoch.
benchmarks: .venv/.ready book
	$(BIN)/python benchmarks/run.py $(B)

# Train the networks that ship anew, by the commands in their records (many hours; the README says how many).
weights: .venv/.ready
	@$(BIN)/python -c 'from mnist_study.models import model_names, model_record; [print(model_record(n).command) for n in model_names()]' \
		| while read -r command; do echo "$$command"; $(BIN)/$$command < /dev/null || exit 1; done

clean:
	rm -rf _build .venv runs *.egg-info .pytest_cache .ruff_cache .hypothesis $(PAGE) $(TRAIN)

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'MNIST Study needs Python 3.11 or later; name one: make PYTHON=python3.11' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
