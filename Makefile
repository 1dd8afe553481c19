# `make run` and `make test` are all that a fresh machine needs; the recipes live in scripts/.
# Every verb that compiles uses the release profile, so that nothing heavy is built twice.

.DEFAULT_GOAL := help
.PHONY: help run test build demo bench reliability fuzz soak package release-check try-package contents install \
	uninstall setup screenshots soundfont fonts icons clean

PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=

help: ## show this list
	@echo "Harmonium: train a model on your own MIDI files and hear what it has learned"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'
	@echo
	@echo "  ARGS='…' goes on to the program (make run ARGS=song.mid)."
	@echo "  TORCH_FLAVOR=cpu|cuda chooses the libtorch; without it an NVIDIA driver decides."
	@echo "  LIBTORCH=FOLDER uses a libtorch 2.11.0 of your own; nothing is downloaded then."

run: ## set up, build and open the window
	@scripts/run.sh $(ARGS)

test: ## set up, then formatting, lints and all tests
	@scripts/setup.sh test
	@scripts/check.sh

build: ## leave the release executable at target/release/harmonium
	@scripts/setup.sh build
	@scripts/cargo.sh build --release --locked

demo: ## the main job without a window: MIDI, WAV and a plot from the demo set
	@scripts/demo.sh $(ARGS)

bench: ## measure (ARGS names benches, scripts/bench.sh lists them)
	@scripts/setup.sh build
	@scripts/bench.sh $(ARGS)

reliability: ## try every promise as often as docs/reliability.md says, and write that page
	@scripts/setup.sh test
	@scripts/cargo.sh build --release --locked
	@python3 scripts/reliability.py $(ARGS)

fuzz: ## feed the readers with what libFuzzer thinks up (ARGS="--seconds 600 midi")
	@scripts/setup.sh build
	@python3 scripts/fuzz.py $(ARGS)

soak: ## 15 minutes of use in a loop under a virtual display; memory, threads and files must not grow
	@scripts/setup.sh test
	@scripts/cargo.sh build --release --locked
	@python3 scripts/soak.py $(or $(CARGO_TARGET_DIR),target)/release/harmonium $(ARGS)

package: build ## .deb, .rpm and a portable archive in dist/ (ARGS=deb, rpm or portable for one)
	@scripts/package.sh $(ARGS)

release-check: ## everything that must hold before dist/ is passed on, after make package
	@scripts/release_check.sh

try-package: ## install a package of dist/ in a bare system, use it, remove it (as root; ARGS=deb, portable or rpm, and --suite NAME)
	@python3 scripts/try_package.py $(or $(ARGS),deb)

contents: build ## write packaging/contents.txt, the list of what ships, anew
	@python3 scripts/stage.py --list | sed "s/harmonium-$$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)\./harmonium-@VERSION@./" >packaging/contents.txt

install: ## install what `make build` left, below DESTDIR and PREFIX
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install.sh

uninstall: ## remove it again
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install.sh uninstall

setup: ## only install what is missing and obtain libtorch
	@scripts/setup.sh run

screenshots: ## renew the pictures in docs/gallery under a virtual display
	@scripts/setup.sh test
	@scripts/cargo.sh build --release --locked
	@python3 scripts/gallery.py $(or $(CARGO_TARGET_DIR),target)/release/harmonium

soundfont: ## cut soundfonts/harmonium-gm.sf3 anew
	@SOURCE="$(SOURCE)" scripts/soundfont.sh

fonts: ## make assets/fonts/ anew
	@scripts/fonts.sh

icons: ## draw packaging/icons/ anew from the two SVG files there
	@scripts/icons.sh

clean: ## remove what was built (the downloaded libtorch stays in the cache)
	@rm -rf dist .venv
	@scripts/cargo.sh clean
