# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one entry: make help.

# "make deps test" installs first, then starts over, so that nothing here looks
# for a package before it is there, and with -j as well.
others := $(filter-out deps,$(MAKECMDGOALS))
ifneq ($(filter deps,$(MAKECMDGOALS)),)
.PHONY: deps $(others)
deps:
	@tools/deps
ifneq ($(others),)
$(firstword $(others)): deps
	@$(MAKE) --no-print-directory $(others)
$(wordlist 2,$(words $(others)),$(others)): $(firstword $(others))
	@:
endif
else

BUILD   ?= build
CC      ?= gcc
NASM    ?= nasm
ARCHS   := x86_64 i386
V       ?= 0
Q       := $(if $(filter 0,$(V)),@)
say     = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(2)')

.DEFAULT_GOAL := all

kernel_c   := $(sort $(wildcard lib/*.c hw/*.c kernel/*.c smm/*.c firmware/*.c tests/*/*.c))
kernel_asm := $(sort $(wildcard boot/*.asm lib/*.asm kernel/*.asm smm/*.asm firmware/*.asm \
                                tests/*/*.asm))

# Freestanding, no FPU or vector registers (SMM and interrupt handlers do not save
# them), relative file names so that two builds are byte-identical.
KCFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
           -fno-common -fno-asynchronous-unwind-tables -fno-strict-aliasing \
           -mno-red-zone -mgeneral-regs-only -Wall -Wextra -Werror -Wmissing-prototypes \
           -Wstrict-prototypes -Wshadow -Wundef -I. -fdebug-prefix-map=$(CURDIR)=.
# Tests run in the order in which they stand in their file; clang keeps it anyway.
KCFLAGS += $(if $(findstring clang,$(CC)),,-fno-toplevel-reorder)
KCFLAGS_x86_64 := -m64 -mcmodel=small -DARCH_NAME='"x86_64"'
KCFLAGS_i386   := -m32 -march=i686 -DARCH_NAME='"i386"'
NASM_x86_64    := -f elf64 -DARCH_X86_64
NASM_i386      := -f elf32 -DARCH_I386
LD_x86_64      := -m elf_x86_64
LD_i386        := -m elf_i386

# Pages for the reports: like the list of known issues, beside the kernels.
finding_pages := $(patsubst docs/%,$(BUILD)/%,$(wildcard docs/findings/*.md))

.PHONY: all
all: kernels smmrun $(BUILD)/known-issues.json $(finding_pages)

.PHONY: kernels
kernels: $(foreach a,$(ARCHS),$(BUILD)/$(a)/kernel.elf)

# $(1): architecture
define kernel_rules
objs_$(1) := $$(kernel_c:%.c=$$(BUILD)/$(1)/%.o) $$(kernel_asm:%.asm=$$(BUILD)/$(1)/%.asm.o)

$$(BUILD)/$(1)/%.o: %.c Makefile
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(KCFLAGS) $$(KCFLAGS_$(1)) -MMD -MP -c -o $$@ $$<

# NASM reads the save-state offsets that the C compiler has computed.
$$(BUILD)/$(1)/%.asm.o: %.asm Makefile $$(BUILD)/$(1)/gen/offsets.inc
	$$(call say,NASM,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(NASM) $$(NASM_$(1)) -I$$(BUILD)/$(1)/gen/ -I./ -Werror \
	    -MD $$(@:.o=.d) -MP -MT $$@ -o $$@ $$<

$$(BUILD)/$(1)/gen/offsets.inc: smm/offsets.h tools/offsets Makefile
	@mkdir -p $$(@D)
	$$(Q)CC='$$(CC)' tools/offsets $$< '$$(KCFLAGS) $$(KCFLAGS_$(1))' $$@

$$(BUILD)/$(1)/kernel.elf: $$(objs_$(1)) linker.ld
	$$(call say,LD,$$@)
	$$(Q)ld $$(LD_$(1)) -n -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	    --build-id=none -T linker.ld -o $$@ $$(objs_$(1))

-include $$(objs_$(1):.o=.d)
endef
$(foreach a,$(ARCHS),$(eval $(call kernel_rules,$(a))))

include tools/smmrun/smmrun.mk

# The runner looks for it beside the kernels.
$(BUILD)/known-issues.json: tests/known-issues.json
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(BUILD)/findings/%.md: docs/findings/%.md
	@mkdir -p $(@D)
	$(Q)cp $< $@

# make run [TESTS='hotplug.*'] [QEMU=...] [ACCEL=...] [MACHINE=...] [TIMEOUT=...]
TESTS ?=
.PHONY: run
run: all
	$(Q)$(BUILD)/smmrun $(RUNFLAGS) $(TESTS)

# make gdb TEST=hotplug.window [ARCH=x86_64]
ARCH ?= x86_64
.PHONY: gdb
gdb: all
	$(Q)$(BUILD)/smmrun --arch $(ARCH) \
	    --gdb $(or $(TEST),$(error say which test: make gdb TEST=hotplug.window))

# make matrix [VERSIONS='7.2 10.0'] [MACHINES=...] [ARCHS=...] [ACCELS=...] [MATRIXFLAGS=...]
export VERSIONS MACHINES ARCHS ACCELS
.PHONY: matrix
matrix: all
	$(Q)BUILD=$(BUILD) tools/matrix $(MATRIXFLAGS) $(TESTS)

.PHONY: iso
iso: $(BUILD)/smm-unit-tests.iso

$(BUILD)/smm-unit-tests.iso: kernels tools/iso tools/grub.cfg
	$(call say,ISO,$@)
	$(Q)tools/iso $(BUILD)

# The environment hands the flags over as they are, with their quotes.
lint: export KCFLAGS := $(filter-out -fno-toplevel-reorder,$(KCFLAGS)) $(KCFLAGS_x86_64)
lint: export TCFLAGS := $(smmrun_cflags)
.PHONY: lint
lint:
	$(Q)tools/lint

# Everything that proves the project itself, then the suite; the last line counts.
RESULTS := $(BUILD)/results
.PHONY: test
test: all iso unit
	$(Q)rm -rf $(RESULTS)
	$(Q)mkdir -p $(RESULTS)
	$(Q)BUILD=$(BUILD) RESULTS=$(RESULTS) tools/run-tests

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@printf '%s\n' \
	    'make deps    install what the build and the tests need (Debian, Ubuntu)' \
	    'make         build the kernels ($(ARCHS)) and the runner into $(BUILD)/' \
	    'make run     boot QEMU and run the suite; TESTS=GLOB, QEMU=, ACCEL=, MACHINE=, TIMEOUT=' \
	    'make matrix  the suite on several QEMU versions: VERSIONS=, MACHINES=, ARCHS=, ACCELS=' \
	    'make test    everything: unit tests, self-tests, lint, the suite' \
	    'make iso     $(BUILD)/smm-unit-tests.iso, the kernels behind a GRUB menu' \
	    'make gdb     TEST=NAME: a stopped QEMU and the gdb command for it' \
	    'make lint    layout, static analysis, shellcheck' \
	    'make clean   remove $(BUILD)/'

endif
