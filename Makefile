# Each target makes what it needs in .venv; only Python 3.11+ with pip, and make, must be there.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Installs into an environment of its own, $(1): by uv where that is here, which takes a quarter of the time.
INSTALL = { command -v uv >/dev/null && uv pip install --quiet --python $(1)/bin/python $(2); } || \
  $(1)/bin/python -m pip --disable-pip-version-check --quiet install $(2)
# What tests need, all at once, for each installation compiles the kernel.
DEV := '.[dev,durable]'
NO_DURABLE = { echo "NOTE: durable_rules did not install (it needs a C compiler and Python's headers)."; [ "$(CI)" != true ]; }
CHROMIUM := { command -v chromium || command -v chromium-browser || command -v google-chrome; }
# What `pip install -e` reads, besides the code itself.
KERNEL := $(wildcard engine/imagefit/kernel/*.[ch])
METADATA := pyproject.toml setup.py $(KERNEL)

.PHONY: demo test test-long quick lint house coverage dist test-sanitize test-sql test-spark test-spark-local test-browser test-lowest test-pythons fuzz faults mutation bench \
  bench-full bench-gate bench-engines clean
.DELETE_ON_ERROR:
# Tests start many processes; each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

demo: .venv/core.done
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh docs/demo.sh

test: lint
	@$(BIN)/python -c "import durable.engine" 2>/dev/null || \
	  echo "NOTE: durable_rules is not installed here; the tests of the durable evaluator are left out."
	@$(BIN)/python -c "from imagefit.kernel.library import compiled; compiled()" 2>/dev/null || \
	  { echo "NOTE: without a C compiler, the planes evaluator is not here; its tests are left out."; [ "$(CI)" != true ]; }
	@{ $(BIN)/python -c "import playwright" && $(CHROMIUM); } >/dev/null 2>&1 || \
	  echo "NOTE: pages of HTML are not tried in a browser here; make test-browser does, and installs one."
	$(BIN)/python -m pytest -n 2 --dist worksteal

# What most changes break, in a few minutes on two cores: few examples of each property, without the tests that are
# marked slow or stand in tests/slow.txt, and without lint.
quick: .venv/dev.done
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not long" --hypothesis-profile quick

# The suite at length: eight times as many examples of each property, and the tests that are marked long.
test-long: .venv/dev.done
	$(BIN)/python -m pytest -q -n 2 -m "" --hypothesis-profile thorough

# How much of the package the tests run, branches counted; fails below the floor in pyproject.toml.
coverage: .venv/dev.done
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile quick --cov --cov-report=term

# dist/ anew: the source distribution, and the wheel made from it, which is tried in an empty environment.
dist: .venv/dev.done
	$(BIN)/python tests/wheel/run.py

# The suite, with few examples of each property, on the lowest versions that pyproject.toml allows.
LOWEST := .venv-lowest/bin
test-lowest:
	@rm -rf .venv-lowest && $(PYTHON) -m venv .venv-lowest && $(LOWEST)/python -m pip -q --disable-pip-version-check install uv
	$(LOWEST)/uv pip install -q --python $(LOWEST)/python --resolution lowest-direct -e '.[dev]'
	@$(LOWEST)/uv pip install -q --python $(LOWEST)/python --resolution lowest-direct -e '.[dev,durable]' || $(NO_DURABLE)
	$(LOWEST)/python -m pytest -q -n 2 --hypothesis-profile quick

# The suite on every Python that is named, each in an environment of its own; one that is not there is left out.
PYTHONS ?= python3.11 python3.12 python3.13
test-pythons:
	@for python in $(PYTHONS); do \
	  $$python -c "" 2>/dev/null || { echo "NOTE: $$python is not here and is left out."; continue; }; \
	  venv=.venv-$$(basename $$python); echo "$$($$python --version), in $$venv"; \
	  rm -rf $$venv && $$python -m venv $$venv || exit 1; \
	  { $(call INSTALL,$$venv,-e $(DEV)); } >$$venv/durable.log 2>&1 || \
	  { { $(call INSTALL,$$venv,-e '.[dev]'); } && $(NO_DURABLE); } || exit 1; \
	  $$venv/bin/python -m pytest -q -n 2 || exit 1; \
	done

# The compiled evaluator's tests on code that AddressSanitizer and UBSan watch, of arrays that end where they end.
SANITIZED := build/sanitized/imagefit/kernel/_kernel.abi3.so
test-sanitize: $(SANITIZED)
	LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libubsan.so)" \
	  ASAN_OPTIONS=detect_leaks=0 IMAGEFIT_SANITIZED_KERNEL=$(CURDIR)/$(SANITIZED) \
	  $(BIN)/python -m pytest -q -n 2 --hypothesis-profile quick tests/evaluators/test_planes.py \
	  tests/test_kernel.py tests/test_told_apart.py tests/sources/test_compiled_lines.py tests/sources/test_compiled_cells.py

$(SANITIZED): $(KERNEL) .venv/dev.done
	CFLAGS="-g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all" \
	  $(BIN)/python setup.py --quiet build_ext --force --build-lib build/sanitized --build-temp build/sanitized/temp

# The generated query on PostgreSQL and ClickHouse, which are started for it, in an environment of its own (a gigabyte).
SQL := .venv-sql/bin
test-sql: .venv-sql/done
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	  { echo "Installing PostgreSQL ..."; apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; }
	IMAGEFIT_DATABASES=duckdb,postgres,clickhouse $(SQL)/python -m pytest -q -n 2 --dist loadgroup tests/sql

# Audits by Spark on this machine, over Spark Connect, by Sail, and on a cluster of two workers that it starts, hurts and
# stops; in two environments of its own (a gigabyte). Java is installed if it is not there.
SPARK := .venv-spark/bin
JAVA = command -v java >/dev/null || \
  { echo "Installing Java ..."; apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless; }
test-spark: .venv-spark/done .venv-sail/done
	@$(JAVA)
	IMAGEFIT_DATABASES=spark $(SPARK)/python -m pytest -q tests/spark tests/sql/test_databases.py

# The part of it that one session on this machine is enough for.
test-spark-local: .venv-spark/done
	@$(JAVA)
	IMAGEFIT_DATABASES=spark $(SPARK)/python -m pytest -q tests/sql/test_databases.py \
	  $(filter-out %/test_cluster.py %/test_connect.py,$(wildcard tests/spark/test_*.py))

# Pages of HTML in Chromium, which is installed if it is not there, by playwright: in the environment of `make test`.
PLAYWRIGHT := 'playwright>=1.48'
test-browser: .venv/dev.done
	@$(BIN)/python -c "import playwright" 2>/dev/null || { $(call INSTALL,.venv,$(PLAYWRIGHT)); }
	@$(CHROMIUM) >/dev/null || \
	  { echo "Installing Chromium ..."; apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }
	IMAGEFIT_BROWSER=required $(BIN)/python -m pytest -q tests/reports/test_html_in_chromium.py

.venv-spark/done: $(METADATA)
	@echo "Installing Spark and what its tests need into .venv-spark ..."
	@$(PYTHON) -m venv .venv-spark
	@$(call INSTALL,.venv-spark,-e '.[spark-test]')
	@touch $@

SAIL := 'pysail>=0.7.2,<0.8' 'pyspark-client>=4.1.3,<4.2'
# Sail knows no client of Spark's above 4.1.
.venv-sail/done: $(METADATA)
	@echo "Installing Sail into .venv-sail ..."
	@$(PYTHON) -m venv .venv-sail
	@$(call INSTALL,.venv-sail,-e '.[sql]' $(SAIL))
	@touch $@

.venv-sql/done: $(METADATA)
	@echo "Installing databases and what their tests need into .venv-sql ..."
	@$(PYTHON) -m venv .venv-sql
	@$(call INSTALL,.venv-sql,-e '.[sql-test]')
	@touch $@

lint: .venv/dev.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Circles of imports, arrows against the layers, flat modules, sizes; tests/test_architecture.py holds them.
house:
	@$(PYTHON) tests/house.py

# Mutated and random files and options, for a minute or as many SECONDS as are given; findings are kept in .fuzz/.
SECONDS ?= 60
fuzz: .venv/dev.done
	$(BIN)/python tests/fuzz/run.py --seconds $(SECONDS)

# Faults of disks and signals in runs that write files: each output is whole, or what it was.
RUNS ?= 500
faults: .venv/dev.done
	$(BIN)/python tests/faults/run.py --runs $(RUNS)

# Mutants of the modules that define the semantics; one that no test notices must stand in docs/mutation.md.
mutation: .venv/dev.done
	$(BIN)/python tests/mutation/run.py

# Side by side with other tools, which have to give the same verdicts: whole jobs, then their parts (ten minutes).
bench: .venv/bench.done
	$(BIN)/python benchmarks/jobs.py
	$(BIN)/python -m pytest -c benchmarks/pytest.ini benchmarks -q

# The sizes that docs/performance.md reports, and its tables and charts (more than an hour, 16 GiB of memory).
bench-full: .venv/bench.done
	$(BIN)/python benchmarks/jobs.py --size full --docs
	$(BIN)/python -m pytest -c benchmarks/pytest.ini benchmarks -q --size full --docs

# Fails where a job needs a quarter more CPU time, against a peer's, than benchmarks/gate.json says (five minutes).
bench-gate: .venv/bench.done
	$(BIN)/python benchmarks/gate.py

# Audits by one process, DuckDB, Spark and Sail, and the tables of docs/sizing.md (ten minutes).
bench-engines: .venv-spark/done .venv-sail/done
	$(SPARK)/python benchmarks/engines.py --docs

clean:
	rm -rf .venv .venv-* .coverage* build dist engine/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "imagefit needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/core.done: $(METADATA) | .venv/bin/python
	@echo "Installing imagefit into .venv ..."
	$(PIP) install -e .
	@touch $@

# durable_rules comes as source only. Without a compiler everything else works, but CI leaves nothing out.
.venv/dev.done: $(METADATA) | .venv/bin/python
	@echo "Installing imagefit and what its tests need into .venv ..."
	@{ $(call INSTALL,.venv,-e $(DEV)); } >.venv/durable.log 2>&1 || \
	  { { $(call INSTALL,.venv,-e '.[dev]'); } && $(NO_DURABLE); }
	@touch $@ .venv/core.done

.venv/bench.done: .venv/dev.done
	$(PIP) install -e '.[bench]'
	@touch $@ .venv/core.done .venv/dev.done
