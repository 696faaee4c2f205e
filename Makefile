# XOHost. `make` lists what can be made; scripts/ holds how.

PREFIX ?= /usr/local
# Which tests run under the sanitizers: regular expressions on target, suite or test. Plugins cannot be loaded under
# ThreadSanitizer: it keeps some of its functions to the executable.
THREAD_TESTS ?= XOHostTests
ADDRESS_TESTS ?= XOHostTests|EndToEndTests

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-sanitize bench lint format abi-check abi-accept sdk-check fixtures bootstrap install \
	install-sdk completions clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## build, then run the host with plugins.json (a demonstration pool on http://127.0.0.1:8080)
	@scripts/bootstrap run
	swift build
	@exec .build/debug/xo-host --config plugins.json

test: bootstrap lint abi-check sdk-check fixtures ## all checks and tests
	@scripts/test

test-sanitize: bootstrap fixtures ## the host's tests under ThreadSanitizer and AddressSanitizer
	@scripts/test thread '$(THREAD_TESTS)'
	@scripts/test address '$(ADDRESS_TESTS)'

bench: ## release build, and a table of speed, memory and start-up beside their yardsticks
	@scripts/bootstrap bench
	@Benchmarks/run

lint: ## style and syntax of Swift, shell, Python and JSON
	@scripts/lint

format: ## put the style of the Swift files right
	@scripts/lint --format

abi-check: ## the plugin header against its baseline, and proof that the check can fail
	@scripts/abi-check
	@scripts/abi-check --self-test

abi-accept: ## make the plugin header as it is now the baseline (until 1.0; afterwards only for additions)
	@scripts/abi-check --accept

sdk-check: ## build a plugin from the installed header
	@scripts/sdk-check

fixtures: ## the plugins that the tests load
	@scripts/build-fixtures

bootstrap: ## install what is missing for building and testing
	@scripts/bootstrap

install: ## release build into PREFIX (/usr/local), with a systemd unit; DESTDIR is respected
	@scripts/bootstrap install
	@DESTDIR='$(DESTDIR)' scripts/install '$(PREFIX)'

install-sdk: ## the plugin header and its pkg-config file into PREFIX
	@DESTDIR='$(DESTDIR)' scripts/install-sdk '$(PREFIX)'

completions: ## shell completions of xo-cli and xo-host in .build/completions
	@scripts/completions .build/completions

clean: ## remove all that was built; run/, the data of `make run`, is kept
	rm -rf .build .build-tsan .build-asan
