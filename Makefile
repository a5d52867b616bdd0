# Every target sets up what it needs, and does nothing twice.
#   make bitstream BOARD=ulx3s MODEL=skeleton-tiny    the main job: model to verified design to bitstream
#   make test                                         the tests
#   make bench                                        all measurements, an hour; BENCH='mvu fifos' for some of them
#   make formal                                       the handshakes, proven; the proofs, tried on broken kernels
#   make calibrate                                    the estimates against yosys: docs/estimates.md
#   make bitstream BOARD=ulx3s ARGS='--target-fps 500'   with any option of codesign build
BOARD ?= zcu104
MODEL ?= skeleton-tiny
PYTHON ?= python3
VENV  := .venv
BIN   := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup bitstream test bench lint clean calibrate formal

setup: $(READY)

$(READY): pyproject.toml tests/environments.py
	@echo "Setting up $(VENV): about four minutes and 8 GB, once."
	@free=$$(df -Pk . | awk 'NR == 2 { print int($$4 / 1048576) }'); test $$free -ge 9 || \
		{ echo "The disk has $$free GB free, but the set-up needs 9: make room." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[train,finn,hls4ml,da4ml,sweep,dev,formal]'
	$(BIN)/python -m tests.environments
	@touch $@

bitstream: $(READY)
	$(BIN)/codesign build $(MODEL) --board $(BOARD) $(ARGS)

test: $(READY)
	$(BIN)/pytest -n 2

bench: $(READY)
	$(BIN)/python -m tests.bench $(BENCH)

calibrate: $(READY)
	$(BIN)/python -m tests.estimates

formal: $(READY)
	$(BIN)/python -m hw.formal
	$(BIN)/python -m hw.formal --mutate

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy codesign quant hw boards sw tests

clean:
	rm -rf build
