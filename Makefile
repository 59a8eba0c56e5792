# Deux commandes : « make demo » (http://127.0.0.1:8000) et « make test ».
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
RESET ?=
ROWS ?= 100000
MESSAGES ?= 10000
ARGS ?=
export UV_PYTHON_DOWNLOADS = never
export UV_LINK_MODE = copy
# the certificates this machine trusts, as pip does: many schools and offices sit behind their own proxy
export UV_SYSTEM_CERTS = true
UV = .tools/bin/uv
PY = .venv/bin/python
PIN = $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.PHONY: demo test mutants fuzz bench-night bench-workers bench-pages bench-mail bench-dashboards bench-exports bench-pdf manage lint format requirements clean chaos

demo: .venv/.demo
	@exec $(PY) tools/demo.py --port $(PORT) $(if $(RESET),--reset)

test: .venv/.node
	@exec $(PY) tools/with_servers.py $(PY) tools/check.py $(ARGS)

fuzz: .venv/.dev
	@HYPOTHESIS_PROFILE=fuzz exec $(PY) tools/with_servers.py $(PY) -m pytest -q -n 2 tests/machine tests/equivalence tests/siecle_sync/test_bee_fuzz.py tests/siecle_sync/test_openapi.py tests/siecle_sync/test_mock_tables.py $(ARGS)

chaos: .venv/.dev
	@exec $(PY) -m tests.chaos $(ARGS)

mutants: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) tools/mutants.py $(ARGS)

bench-night: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.night --rows $(ROWS) $(ARGS)

bench-workers: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.workers --rows $(ROWS) $(ARGS)

bench-pages: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.pages --rows $(ROWS) $(ARGS)

bench-mail: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.mail --messages $(MESSAGES) $(ARGS)

bench-dashboards: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.dashboards --rows $(ROWS) $(ARGS)

bench-exports: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.exports --rows $(ROWS) $(ARGS)

bench-pdf: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) -m benchmarks.pdf $(ARGS)

manage: .venv/.demo
	@exec $(PY) tools/with_servers.py --keep $(PY) manage.py $(ARGS)

lint: .venv/.dev
	@exec $(PY) tools/with_servers.py $(PY) tools/check.py --static

format: .venv/.dev
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix . && $(PY) tools/check.py --format-templates

requirements: .tools/.ready
	$(PIN) pyproject.toml -o requirements.txt
	$(PIN) --group embedded -c requirements.txt -o requirements-embedded.txt
	$(PIN) pyproject.toml --group embedded --group dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv .tools .data staticfiles

# --- installation, skipped when up to date ----------------------------------------------------------------------------
.tools/.ready: requirements-tools.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Il faut Python 3.11 (PYTHON=/chemin/de/python3.11)."; exit 2; }
	@$(PYTHON) -m venv .tools || { echo "Il manque le module venv (Debian : apt-get install python3-venv)."; exit 2; }
	@.tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-tools.txt
	@touch $@

.venv/bin/python: | .tools/.ready
	@$(UV) venv -q --python $(PYTHON) .venv

.venv/.demo: requirements.txt requirements-embedded.txt | .venv/bin/python
	@echo "Installation des dépendances…"
	@$(UV) pip install -q --python $(PY) --require-hashes -r requirements.txt -r requirements-embedded.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.demo
	@$(UV) pip install -q --python $(PY) --require-hashes -r requirements-dev.txt
	@touch $@

# the identity provider that the tests sign in with, which is not ours
.venv/.node: tests/oidc/package-lock.json tests/oidc/package.json tests/oidc/.npmrc tools/node.py .venv/.dev
	@$(PY) tools/node.py
	@touch $@
