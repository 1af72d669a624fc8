# Everything starts here: `make` lists the verbs. Only Python 3.11 or newer with venv, and make, must be present.
.DEFAULT_GOAL := help
.PHONY: help demo up down status observe logs reset env check test prove fuzz bench release protos format k8s-check k8s-verify

BIN := .venv/bin
WAYPOST := $(BIN)/python -m waypost_dev
MEMBERS := $(wildcard pyproject.toml protos/pyproject.toml libs/*/pyproject.toml services/*/pyproject.toml sandbox/pyproject.toml dev/pyproject.toml)
SERVICES := $(wildcard services/*)
TYPED := $(wildcard dev/waypost_dev $(foreach d,$(wildcard libs/*),$(d)/$(notdir $(d))) $(foreach d,$(SERVICES),$(d)/$(notdir $(d))_service/domain $(d)/$(notdir $(d))_service/usecases))
# The longest first, so that no process is left alone with them at the end.
TIERS := $(wildcard tests/e2e tests/integration tests/contract tests/unit)
# Processes side by side, more than there are processors, since tests mostly wait for engines. What stays together is
# said in tests/conftest.py.
N ?= 3
SIDE_BY_SIDE := --numprocesses $(N) --dist loadfile --no-loadscope-reorder
empty :=
export MYPYPATH := $(subst $(empty) $(empty),:,$(strip dev sandbox $(wildcard libs/*) $(SERVICES)))
export GRPC_ENABLE_FORK_SUPPORT := 0
# Byte code on disk halves the start of everything.
unexport PYTHONDONTWRITEBYTECODE

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: env  ## play the demo on the running platform, or on one of its own
	@$(WAYPOST) demo

up: env  ## start the platform in the background and wait until it is ready
	@$(WAYPOST) up

down: env  ## stop it, callers first, engines last
	@$(WAYPOST) down

status: env  ## show the processes
	@$(WAYPOST) status

observe: env  ## live page of rates, delays, backlogs and limits; A=--once for one page
	@$(WAYPOST) observe $(A)

logs: env  ## follow the logs; S=journey for one
	@$(WAYPOST) logs $(S)

reset: env  ## stop, and remove all data of this checkout
	@$(WAYPOST) reset

env: .venv/.installed  ## install everything into .venv (quick when fresh)

.venv/.installed: uv.lock $(MEMBERS) dev/bootstrap.sh
	@PYTHON='$(PYTHON)' sh dev/bootstrap.sh

format: env  ## format the sources
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: env  ## formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(TYPED)
	@if grep -qs '^\[tool.importlinter' pyproject.toml || [ -e .importlinter ]; then set -x; $(BIN)/lint-imports; fi

test: check  ## check, then all tests; T=tests/unit/test_x.py::test_y for some; N=1 for one process
	$(BIN)/pytest $(if $(T),$(T),$(SIDE_BY_SIDE) $(TIERS))

prove: env  ## the whole proofs (minutes to hours); T= for one
	$(BIN)/pytest $(if $(T),$(T),tests/proofs)

fuzz: env .cache/fuzz/.installed  ## search for input that breaks a reader: T=body|rule|template|definition|file, MINUTES=1
	@PYTHONPATH=.cache/fuzz/lib $(BIN)/python -m tests.fuzz '$(T)' "$$(awk 'BEGIN { print 60 * $(or $(MINUTES),1) }')"

.cache/fuzz/.installed: uv.lock
	@mkdir -p .cache/fuzz
	@.cache/uv-bootstrap/bin/uv export --quiet --frozen --only-group fuzz --output-file .cache/fuzz/requirements.txt >/dev/null
	@rm -rf .cache/fuzz/lib
	@.cache/uv-bootstrap/bin/uv pip install --quiet --python .venv/bin/python --target .cache/fuzz/lib -r .cache/fuzz/requirements.txt
	@touch $@

bench: env  ## one benchmark: NAME=ingest
	@test -f 'benchmarks/$(NAME).py' || { echo 'say which: make bench NAME=…  one of:' $(basename $(notdir $(wildcard benchmarks/*.py))); exit 2; }
	$(BIN)/python benchmarks/$(NAME).py

release: check  ## tests what the last release promised, then renews released/, commits and tags: VERSION=0.2.0
	$(BIN)/pytest tests/contract
	$(BIN)/python -m waypost_dev.release $(VERSION)

protos: env  ## regenerate the stubs in protos/gen
	$(BIN)/python -m grpc_tools.protoc -I protos --python_out=protos/gen --pyi_out=protos/gen --grpc_python_out=protos/gen $$(find protos/waypost -name '*.proto' | sort)

k8s-check: env .cache/k8s/.installed  ## manifests and Dockerfiles: build, schemas, policies, lint, tests; OVERLAY=… for yours
	@$(BIN)/pytest tests/unit/deploy
	@OVERLAY='$(OVERLAY)' sh deploy/check.sh

k8s-verify: env  ## ask a real API server about the manifests: KUBECONFIG=…
	@KUBECONFIG='$(KUBECONFIG)' PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python deploy/verify.py

.cache/k8s/.installed: deploy/tools.txt
	@echo 'installing the tools of deploy/tools.txt into .cache/k8s'
	@$(BIN)/python -m venv --clear .cache/k8s
	@.cache/k8s/bin/python -m pip install --quiet --disable-pip-version-check -r deploy/tools.txt
	@touch .cache/k8s/.installed
