# Everything a fresh Debian machine with Python 3.11 needs is installed from here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
# Each process that the tests start would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
PYTHON ?= python3
PY := .venv/bin/python
FRENCH := tools/language/fr/LC_MESSAGES/tla.po
SYSTEM_FOR_TESTS := openssl socat ser2net pcscd libccid vsmartcard-vpcd opensc pcsc-tools openssh-client openssh-server \
	gnutls-bin libnss3-tools libengine-pkcs11-openssl default-jdk-headless python3-pyscard cardpeek gcc g++ python3-dev swig libpcsclite-dev \
	valgrind clang-14 libclang-rt-14-dev chromium curl nodejs tshark $(if $(filter x86_64,$(shell uname -m)),gcc-multilib)
# Debian's sshd does not start where this file is; the tests run one of their own.
SSHD_STAYS_OFF := /etc/ssh/sshd_not_to_be_run
SECONDS ?= 60
TESTS ?= unit
SEED ?=
# Their tests reach little of what coverage is held for, or reach it in processes of their own; under it they take twice as long.
UNCOVERED := tests/integration/web tests/integration/test_session_texts.py tests/integration/test_web_verb.py tests/integration/test_wheel.py \
	$(addprefix tests/tools/,bench cards explore fuzz language maintenance simulator testing)
# One more than there are processors: some tests wait for a real peer.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help linked demo web lint types imports unit cover test soak bench explore fuzz-proof docs wheel clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The packages are links in src/tla_sim; git writes them as small text files where links are switched off.
linked:
	@for package in src/tla_sim/{host,protocol,reader_fw,tools}; do [ -d "$$package" ] || { \
	echo "$$package is not a link in this checkout: run git config core.symlinks true, then git checkout -- src (on Windows, switch developer mode on first)." >&2; exit 1; }; done

.venv/base: pyproject.toml constraints.txt | linked
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Installing python3-venv (apt)"; $(SUDO) apt-get update -qq; $(SUDO) apt-get install -y -qq python3-venv; }
	@echo "Creating .venv and installing tla-sim"
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install -q --disable-pip-version-check --no-compile -c constraints.txt -e .
	@touch $@

$(FRENCH:.po=.mo): $(FRENCH) | .venv/base
	@echo "Compiling the French catalogue"
	@$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt --no-deps -e .
	@touch $@

.venv/test: .venv/base Makefile
	@missing=""; for p in $(SYSTEM_FOR_TESTS); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	case "$$missing" in *openssh-server*) $(SUDO) mkdir -p /etc/ssh; $(SUDO) touch $(SSHD_STAYS_OFF); \
	echo "openssh-server is installed for the tests alone: its service stays off while $(SSHD_STAYS_OFF) exists";; esac; \
	if [ -n "$$missing" ]; then echo "Installing system packages:$$missing (apt)"; $(SUDO) apt-get update -qq; $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; fi
	@echo "Installing what the tests need into .venv"
	@$(PY) -m pip install -q --disable-pip-version-check --no-compile -c constraints.txt -e '.[test,pcsc,web]'
	@touch $@

demo: .venv/base $(FRENCH:.po=.mo)  ## the round on the shipped practice, ending with what may be transmitted
	@$(PY) -m tla_sim.tools.cli.entry demo

.venv/web: .venv/base
	@echo "Installing what the bench in the browser needs into .venv"
	@$(PY) -m pip install -q --disable-pip-version-check --no-compile -c constraints.txt -e '.[web]'
	@touch $@

web: .venv/web $(FRENCH:.po=.mo)  ## the bench: the same round by mouse in the browser, until Ctrl-C
	@$(PY) -m tla_sim.tools.cli.entry web --open

lint: .venv/test  ## ruff
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: .venv/test  ## mypy, strict
	$(PY) -m mypy

imports: .venv/test  ## import rules of the house
	.venv/bin/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-cache

unit: .venv/test $(FRENCH:.po=.mo)  ## all tests, without lint, types and import rules
	$(PY) -m pytest -n $(WORKERS) --dist worksteal

cover: .venv/test $(FRENCH:.po=.mo)  ## all tests, and how much of protocol, reader_fw and host they reach: held at 95 %
	@rm -rf .coverage && mkdir .coverage
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term tests $(addprefix --ignore=,$(UNCOVERED))
	$(PY) -m pytest -n $(WORKERS) --dist worksteal $(UNCOVERED)

test: lint types imports $(TESTS)  ## lint, types, import rules, all tests: the same each time

soak: .venv/test $(FRENCH:.po=.mo)  ## the tests with chance and time: SEED=N repeats one, SECONDS=N for each fuzz target
	@seed=$(SEED); seed=$${seed:-$$(shuf -i 1-999999 -n 1)}; echo "Seed: $$seed"; \
	TLA_TEST_SEED=$$seed $(PY) -m pytest -n $(WORKERS) --dist worksteal --soak $(SECONDS) --hypothesis-seed=$$seed

bench: .venv/test  ## benchmarks with named baselines: a table, and bench.json
	@$(PY) -m tla_sim.tools.bench

explore: .venv/base  ## every fault at every point of the round: long; a seed is printed
	@$(PY) -m tla_sim.tools.cli.entry explore --all

fuzz-proof: .venv/test  ## every planted bug, found within 60 s from a random seed
	@$(PY) -m tla_sim.tools.fuzz.proof

docs: .venv/test  ## the protocol reference from the declarations
	@$(PY) -m tla_sim.tools.maintenance.reference_pages

wheel: .venv/test  ## the source distribution and the wheel, into dist/
	@$(PY) -m build --no-isolation --quiet --outdir dist

clean:  ## away with all that was made here
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage build dist bench.json
