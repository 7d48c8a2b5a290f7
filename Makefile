# Every target installs what it needs into .venv; a machine needs only python3 (3.11+) and make,
# and for test-servers Node.js with npm.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-slow test-servers incidents mutants simulate crashes reliability lint bench performance schemas docs coverage

$(READY): pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/python examples/demo.py

test: $(READY)
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -m "not slow and not servers and not measured" $(ARGS)

test-slow: $(READY)
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -m "slow and not servers and not measured" $(ARGS)

# The contract suite on SCIMMY, and the store on Azurite.
SCIMMY := tests/contract/scimmy
AZURITE := tests/contract/azurite

$(AZURITE)/node_modules/.ready: $(AZURITE)/package-lock.json
	npm ci --silent --prefix $(AZURITE)
	@touch $@

$(SCIMMY)/%/node_modules/.ready: $(SCIMMY)/%/package-lock.json
	npm ci --silent --prefix $(SCIMMY)/$*
	@touch $@

test-servers: $(READY) $(AZURITE)/node_modules/.ready $(SCIMMY)/express4/node_modules/.ready $(SCIMMY)/express5/node_modules/.ready
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -m servers $(ARGS)

# What went wrong elsewhere, played here; writes build/reliability/incidents.json.
incidents: $(READY)
	$(BIN)/python -m pytest --quiet tests/incidents $(ARGS)

# The program broken on purpose, each time in one place, and which test notices: ten minutes.
# ONLY="A03 G" runs some; writes build/reliability/mutants.json when all have run.
mutants: $(READY)
	$(BIN)/python -m tests.mutants $(ONLY)

# Plans and applies in trouble; one run is told from beginning to end.
RUNS ?= 2000
SEED ?= 0
JOBS ?= 2

simulate: $(READY)
	@$(BIN)/python -m tests.simulate --runs $(RUNS) --seed $(SEED) --jobs $(JOBS)

# A real process killed at every point, and resumed: build/reliability/crashes.json.
crashes: $(READY)
	$(BIN)/python -m tests.crash

# All of the above at full length, and the tests that measure; then RELIABILITY.md from the figures.
reliability: $(READY)
	$(MAKE) simulate RUNS=100000
	$(MAKE) crashes incidents mutants
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -m measured $(ARGS)
	$(BIN)/python -m docs.reliability

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every target measured beside its peer; ONLY="T1 curves" PEOPLE=10000 measures less.
# octoDNS stands beside it and is installed for that alone.
PEOPLE ?= 100000
OCTODNS := octodns>=1.22,<2

.venv/.bench: $(READY)
	$(BIN)/python -m pip install --quiet --constraint requirements.lock "$(OCTODNS)"
	@touch $@

bench: .venv/.bench
	@$(BIN)/python -m tests.bench --people $(PEOPLE) $(ONLY)

# All of it, and then docs/performance.md from the figures.
performance: .venv/.bench
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench matrix curves large
	-$(BIN)/python -m tests.bench instructions
	$(BIN)/python -m docs.performance

schemas: $(READY)
	$(BIN)/reconciler schema config > schemas/provisioning.schema.json
	$(BIN)/reconciler schema profile > schemas/profile.schema.json
	$(BIN)/reconciler schema plan > schemas/plan.schema.json
	$(BIN)/reconciler schema journal > schemas/journal.schema.json
	$(BIN)/reconciler schema attempts > schemas/attempts.schema.json

docs: $(READY)
	$(BIN)/python -m docs.generate

coverage: $(READY)
	$(BIN)/python -m pytest --numprocesses=2 --cov --cov-report=term-missing -m "not slow and not servers and not measured"
