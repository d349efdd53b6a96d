# Two commands: `make run` shows Caravan at work, `make test` holds it to what it promises.
# Both share one build.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

build_flags := -c release -Xswiftc -enable-testing --explicit-target-dependency-import-check error
# Real sockets, databases and processes, all of them at once, hold up each other past their timeouts.
tests_at_once := --experimental-maximum-parallelization-width 8
caravan := .build/release/caravan
python := .venv/bin/python
swift_sources := Package.swift Sources Tests

# What is asked of Debian: libraries to link, PostgreSQL to run, tools to test with.
debian_packages := libnghttp2-dev libprotobuf-c-dev protobuf-c-compiler libpq-dev libssl-dev \
  zlib1g-dev postgresql protobuf-compiler libprotobuf-dev nghttp2-client python3-venv curl

.PHONY: run test help build deps lint bench bench-large simulate fuzz protos clean

run: build ## Build, and show three transactions on a private PostgreSQL; serve until Ctrl-C
	@$(caravan) dev

test: deps .venv/made lint ## Everything that is checked: lint, unit, store, simulation, interop, crash
	swift build --build-tests $(build_flags)
	Tests/failures-last Tests/with-postgres swift test --skip-build $(build_flags) $(tests_at_once)
	Tests/with-postgres $(python) -m pytest Tests/Interop
	Tests/Crash/run $(abspath $(python))

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: deps ## Build caravan, optimised
	swift build --product caravan $(build_flags)

deps: ## Install the Debian packages that are missing
	@missing=; for package in $(debian_packages); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
	    || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  sudo=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
	  $$sudo apt-get update -q; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
	    $$missing; \
	fi

# Other people's gRPC and protobuf, to test against.
.venv/made: Tests/Interop/requirements.txt | deps
	python3 -m venv .venv
	$(python) -m pip install -q --disable-pip-version-check -r $<
	@touch $@

lint: ## Check format, imports between modules and house rules
	swift format lint --strict --parallel --recursive --configuration .swift-format $(swift_sources)
	Tests/lint

# A quarter of an hour. The server is compared with nghttpd, the codec with libprotobuf-c by a unit test.
bench: debian_packages += nghttp2-server
bench: deps ## Measure what is promised of speed and write docs/benchmarks.md
	swift build --build-tests $(build_flags)
	Tests/bench/run

bench-large: build ## Throughput beside 10,000,000 stored transactions; takes 40 GB of disk
	Tests/bench/run --only storage --stored 10000000 --parked 0

simulate: deps ## Run SEEDS histories of the simulation: make simulate SEEDS=200000
	CARAVAN_SEEDS=$(or $(SEEDS),2000) swift test $(build_flags) --filter Simulation

# lld, because gold breaks down over the address sanitizer's symbols.
fuzz: deps ## Feed the codec mutated messages: make fuzz TIME=600 (seconds)
	CARAVAN_FUZZ=1 swift build --scratch-path .build/fuzz -c release \
	  -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld --product Fuzz
	mkdir -p .build/fuzz/corpus
	.build/fuzz/release/Fuzz -max_total_time=$(or $(TIME),60) .build/fuzz/corpus \
	  $(wildcard Tests/ProtoWireTests/Corpus/*)

protos: deps ## Make anew what is made from Protos/: descriptors for reflection, the C oracle
	Protos/generate
	Tests/MessagesTests/generate-oracle

clean: ## Remove what was built, and the private PostgreSQL of a `make run` that is not running
	rm -rf .build .venv .caravan
