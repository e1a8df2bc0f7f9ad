# What a developer types. Each target installs what it needs, once, and says what it does.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

LISTEN ?= 127.0.0.1:8080
STORE ?= store
PAGE_SOURCES := $(shell find frontend shared policies -type f -not -path '*/tests/*' 2>/dev/null) \
	Cargo.toml Cargo.lock Trunk.toml package-lock.json scripts/build-page.sh scripts/split-page.mjs

# the targets that `make help` lists are no files
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.* \#\# .*/\1/p' $(MAKEFILE_LIST))

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: build ## build everything, publish policies/ and serve page and API on $(LISTEN)
	exec target/release/vapwright serve --listen $(LISTEN) --store $(STORE) --publish policies/bundle.yaml

build: dist/.stamp ## build the program with the page in it
	cargo build --release --locked --package vapwright

page: dist/.stamp ## build the page into dist/

dist/.stamp: $(PAGE_SOURCES)
	scripts/build-page.sh
	touch $@

test: test-native test-wasm test-browser ## run every test

test-native: ## unit, suite, command and router tests
	cargo test --locked

test-wasm: ## the suite in wasm32, under Node
	scripts/test-wasm.sh

test-browser: build ## the page in Chromium, against the real program
	PATH="$$(scripts/tools.sh test):$$PATH" node --test tests/browser/

lint: ## formatting, clippy for native and wasm32
	cargo fmt --all --check
	cargo clippy --locked --all-targets -- -D warnings
	scripts/clippy-wasm.sh
	# without libFuzzer itself, which only a build needs
	cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
	CUSTOM_LIBFUZZER_PATH=target/libfuzzer.a cargo clippy --locked --manifest-path tests/fuzz/Cargo.toml --target-dir target -- -D warnings

deny: ## licences, sources and duplicate versions of the dependencies
	cargo fetch --locked --quiet
	PATH="$$(scripts/tools.sh check):$$PATH" cargo deny --offline --log-level error check licenses bans sources

docs: ## the crates' documentation
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

bench: oracle ## measure the engine beside cel-go and other crates, and the command beside Kyverno's
	scripts/bench.sh target/oracle

size: ## print what the engine adds to an empty WebAssembly module
	scripts/size.sh

oracle: ## build the oracle (k8s.io/apiserver behind the case protocol) into target/oracle
	mkdir -p target
	cd tests/oracle && go build -o ../../target/oracle .

golden: oracle ## test the oracle, and have it answer the golden cases anew
	cd tests/oracle && go test .
	target/oracle golden tests/golden/*.jsonl

PAIRS ?= 20000
SEED ?= 1
differential: oracle ## compare the engine with the oracle on generated expressions
	cargo run --release --locked --package vapwright-differential --bin vapwright-differential -- target/oracle $(PAIRS) $(SEED)

differential-policies: oracle ## compare whole policies: decisions, messages, audit annotations
	cargo run --release --locked --package vapwright-differential --bin vapwright-differential -- --policies target/oracle $(PAIRS) $(SEED)

MUTATIONS ?= 3000
differential-mutations: oracle ## compare mutating policies: what they make of objects
	cargo run --release --locked --package vapwright-differential --bin vapwright-differential -- --mutations target/oracle $(MUTATIONS) $(SEED)

PATTERNS ?= 200000
differential-regexps: oracle ## compare regular expressions with Go's on generated patterns
	cargo run --release --locked --package vapwright-differential --bin regexps -- target/oracle limits 0
	cargo run --release --locked --package vapwright-differential --bin regexps -- target/oracle $(PATTERNS) $(SEED)

objects-oracle: ## build the program that answers as kube-apiserver into target/objects-oracle
	mkdir -p target
	cd tests/objects && go build -o ../../target/objects-oracle .

objects-golden: objects-oracle ## have it answer its golden cases anew
	target/objects-oracle golden tests/objects/golden.jsonl

COUNT ?= 6000
objects: objects-oracle ## compare admission and validation with it on generated objects
	mkdir -p target/objects
	target/objects-oracle generate $(SEED) $(COUNT) >target/objects/cases.jsonl
	target/objects-oracle <target/objects/cases.jsonl >target/objects/answers.jsonl
	VAPWRIGHT_OBJECTS=$(CURDIR)/target/objects cargo test --locked --package vapwright-kube --test objects -- --nocapture

KINDS ?= 60
custom: ## compare custom objects of generated kinds with a real API server
	mkdir -p target/custom/cases target/custom/recorded
	cp tests/cluster/cases/definitions.yaml target/custom/cases/
	cargo run --locked --package vapwright-differential --bin custom -- $(KINDS) $(SEED) >target/custom/cases/custom.yaml
	scripts/cluster.sh --folder target/custom --only custom record
	VAPWRIGHT_CUSTOM=$(CURDIR)/target/custom/recorded/custom.jsonl cargo test --locked --package vapwright-kube --test custom -- --nocapture

unicode: oracle ## write the table of Unicode classes anew, from Go's
	target/oracle unicode > shared/cel/src/re2/unicode.txt

tables: oracle ## compare them on the expressions of cel-go's and k8s.io/apiserver's test tables
	target/oracle tables $$(cd tests/oracle && go list -m -f '{{.Dir}}' github.com/google/cel-go k8s.io/apiserver) >target/tables.jsonl
	cargo run --locked --package vapwright-differential -- target/oracle --cases target/tables.jsonl

REQUESTS ?= 20000
pod-security: oracle ## compare Pod Security admission and policies/ with k8s.io/pod-security-admission
	cargo run --release --locked --package vapwright-differential --bin pod-security -- target/oracle policies $(REQUESTS) $(SEED)

kyverno-judge: ## build Kyverno's webhook without a cluster into target/kyverno
	mkdir -p target
	cd tests/kyverno && go build -o ../../target/kyverno .

# cases of our own, and of a few shipped policies
KYVERNO_GOLDEN := policies/baseline/disallow-host-path policies/restricted/restrict-seccomp-strict
kyverno-golden: kyverno-judge ## have it answer its golden cases anew
	cargo run --locked --package vapwright-kyverno --example kyverno-cases -- tests/kyverno/cases.yaml $(KYVERNO_GOLDEN) >target/kyverno-cases.jsonl
	target/kyverno <target/kyverno-cases.jsonl >tests/kyverno/golden.jsonl

KYVERNO_DATA := $(or $(VAPWRIGHT_DATA),../shared/data)
kyverno: kyverno-judge ## compare what Kyverno would answer: all its policies and ours, on all their resources
	cargo run --locked --package vapwright-kyverno --example kyverno-cases -- tests/kyverno/cases.yaml policies $(wildcard $(KYVERNO_DATA)/kyverno-pod-security-cel $(KYVERNO_DATA)/kyverno-pod-security-fixtures) >target/kyverno-cases.jsonl
	target/kyverno <target/kyverno-cases.jsonl >target/kyverno-answers.jsonl
	VAPWRIGHT_KYVERNO_ANSWERS=$(CURDIR)/target/kyverno-answers.jsonl cargo test --locked --package vapwright-kyverno --test webhook -- --nocapture

cluster: ## compare what is shipped with a real API server: one that is started here, or KUBECONFIG's
	cargo build --release --locked --package vapwright
	scripts/cluster.sh compare

record: ## have a real API server answer the cases of tests/cluster anew
	scripts/cluster.sh record

TARGET ?= parse
SECONDS ?= 60
OPTIONS ?=
fuzz: ## look for inputs that nobody thought of: make fuzz TARGET=parse SECONDS=3600
	scripts/fuzz.sh $(TARGET) $(SECONDS) $(OPTIONS)

first-load: build ## list anew what the page's first verdict does not need (frontend/rest.txt)
	PATH="$$(scripts/tools.sh test):$$PATH" node tests/browser/first-load.mjs

screenshots: build ## make docs/*.png anew
	PATH="$$(scripts/tools.sh test):$$PATH" node tests/browser/screenshots.mjs

clean: ## remove what was built
	rm -rf dist target
