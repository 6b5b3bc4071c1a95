# Two commands on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Where it is set, each of the tests' many processes would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-core check suite bench docs format clean

help:  ## Show the commands.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || (rm -rf $(VENV) && apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv $(VENV))

$(VENV)/.demo: $(BIN)/python pyproject.toml
	@echo "Installing Faasera …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[server,lineage]'
	@touch $@

# What the tests need beside Python: Java for Spark, a JDBC driver, and Bouncy Castle, the other implementation that
# encoding is compared with; the servers that databases are tested with, which the tests start on ports of their own;
# and the browser that the page is tested with.
JAVA := /usr/share/java/bcprov.jar /usr/share/java/postgresql.jar /usr/bin/java /usr/bin/ps
SERVERS := /usr/lib/postgresql /usr/sbin/mariadbd /usr/bin/sqlite3
BROWSER := /usr/bin/chromium /usr/bin/chromedriver /usr/bin/curl
PACKAGES := libbcprov-java libpostgresql-jdbc-java openjdk-17-jre-headless procps postgresql mariadb-server sqlite3 chromium chromium-driver curl
$(JAVA) $(SERVERS) $(BROWSER) &: | $(BIN)/python
	@echo "Installing Java, PostgreSQL, MariaDB, SQLite and Chromium for the tests …"
	@apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Options::=--force-unsafe-io $(PACKAGES) >/dev/null

$(VENV)/.test: $(BIN)/python pyproject.toml .ci/install
	@echo "Installing Faasera and what its tests need …"
	@.ci/install $(BIN)/python -e '.[test]'
	@touch $@ $(VENV)/.demo

# Airflow and Dagster pin much of what they need, so that the tests have them in a place of their own.
.venv-orchestrators/.done: .ci/install | $(BIN)/python
	@echo "Installing Airflow and Dagster for the tests …"
	@$(PYTHON) -m venv .venv-orchestrators
	@.ci/install .venv-orchestrators/bin/python 'apache-airflow>=3' 'dagster>=1.9'
	@touch $@

# Judges of what is written; they pin pandas, so that they have a place of their own, too.
.venv-judges/.done: .ci/install | $(BIN)/python
	@echo "Installing mlcroissant and SDMetrics for the tests …"
	@$(PYTHON) -m venv .venv-judges
	@.ci/install .venv-judges/bin/python 'mlcroissant[parquet]>=1.0' 'sdmetrics>=0.20'
	@touch $@

# A place of its own, so that nothing but what is measured is installed there.
.venv-bench/.done: pyproject.toml | $(JAVA) $(SERVERS)
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install -q --disable-pip-version-check -e '.[bench]'
	@touch $@

demo: $(VENV)/.demo  ## Install, generate the shop example, and show some of it.
	@$(BIN)/faasera generate examples/shop/policy.json --out demo-output --overwrite --check
	@$(BIN)/faasera preview examples/shop/policy.json --rows 3
	@echo "The files are in demo-output. Your own policy: $(BIN)/faasera init mine"
	@echo "In the browser, with a REST API: $(BIN)/faasera serve"

# Much of the tests' time is waiting for servers and other programs: more workers than cores.
WORKERS ?= 3
PYTEST := $(BIN)/pytest --durations=60 --durations-min=2

test:  ## Run every check: format, lint, types, import contract, tests but the slow ones.
	@$(MAKE) --no-print-directory -j check suite

test-all: .venv-orchestrators/.done  ## Run every check, and every test at its full size.
	@$(MAKE) --no-print-directory -j check suite TESTS="slow or not slow"

test-core: $(VENV)/.test  ## Run the quick tests, which need no server, Java or browser.
	$(PYTEST) -m core

check: $(VENV)/.test  ## Check format, lint, types and the import contract.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

TESTS ?= not slow
suite: $(VENV)/.test .venv-judges/.done | $(JAVA) $(SERVERS) $(BROWSER)
	$(PYTEST) -n $(WORKERS) --dist loadgroup -m "$(TESTS)"

bench: .venv-bench/.done  ## Measure against other tools, side by side; prints a table and JSON.
	@.venv-bench/bin/python -m benchmarks.run $(BENCH)

docs: $(VENV)/.test  ## Write the pages of the documentation that are read off the declarations.
	$(BIN)/python -c 'from faasera.frontends.catalog import semantic_types_page; print(semantic_types_page(), end="")' > docs/semantic-types.md
	$(BIN)/python -c 'from faasera.frontends.catalog import errors_page; print(errors_page(), end="")' > docs/errors.md

format: $(VENV)/.test  ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Remove what the other commands made.
	rm -rf $(VENV) .venv-tools .venv-bench .venv-orchestrators .venv-judges demo-output faasera-data test-output benchmarks/output
