# What a person and CI run. Everything built goes to build/, a folder for each preset.
MAKEFLAGS += --no-print-directory
.PHONY: deps build test run lint fmt bench asan tsan chaos fuzz clean

JOBS := $(shell nproc)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
LAUNCHER := $(shell command -v ccache)
LAUNCH := $(if $(LAUNCHER),-DCMAKE_C_COMPILER_LAUNCHER=$(LAUNCHER) -DCMAKE_CXX_COMPILER_LAUNCHER=$(LAUNCHER))

# $(call build,PRESET)
build = cmake --preset $(1) $(LAUNCH) >/dev/null && cmake --build build/$(1) --parallel $(JOBS)

deps:
	@.ci/deps

build: deps
	@$(call build,release)

test: build
	@.ci/ctest build/release

run: build
	$(SUDO) build/release/bin/podvisor run config/examples/php-nginx.yaml

lint:
	@.ci/deps lint
	@cmake --preset dev -B build/lint $(LAUNCH) >/dev/null
	@.ci/lint build/lint

fmt:
	@.ci/deps lint
	@git ls-files -z '*.cc' '*.c' '*.h' | xargs -0 clang-format -i

bench: build
	@cmake --build build/release --parallel $(JOBS) --target tests/bench/all
	@tests/bench/run.sh build/release

asan:
	@.ci/deps clang
	@$(call build,asan)
	@UBSAN_OPTIONS=print_stacktrace=1 .ci/ctest build/asan

# The door is what has threads: only its own tests.
TSAN_TESTS := door_test door_relay_test door_process_test

tsan: deps
	@cmake --preset tsan $(LAUNCH) >/dev/null
	@cmake --build build/tsan --parallel $(JOBS) --target $(TSAN_TESTS) podvisor-door
	@.ci/ctest build/tsan -R '^door(_relay|_process)?/'

# As many of 2,000 steps as there is time for; `make test` has a quarter of a minute for them.
chaos: build
	@PODVISOR_CHAOS_SECONDS=150 build/release/tests/chaos/chaos_test

# FUZZ_SECONDS: how long.
FUZZ_SECONDS := 60
fuzz:
	@.ci/deps clang
	@cmake --preset asan $(LAUNCH) >/dev/null
	@cmake --build build/asan --parallel $(JOBS) --target fuzzers
	@tests/fuzz/run.sh build/asan $(FUZZ_SECONDS)

clean:
	rm -rf build
