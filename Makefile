# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one entry: make help.

BUILD   ?= build
CC      ?= gcc
NASM    ?= nasm
ARCHS   := x86_64 i386
V       ?= 0
Q       := $(if $(filter 0,$(V)),@)
say     = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(2)')

.DEFAULT_GOAL := all

kernel_c   := $(sort $(wildcard lib/*.c hw/*.c kernel/*.c smm/*.c firmware/*.c tests/*/*.c))
kernel_asm := $(sort $(wildcard boot/*.asm lib/*.asm kernel/*.asm smm/*.asm firmware/*.asm tests/*/*.asm))

# Freestanding, no FPU or vector registers (SMM and interrupt handlers do not save
# them), relative file names so that two builds are byte-identical.
KCFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
           -fno-common -fno-toplevel-reorder -fno-asynchronous-unwind-tables -fno-strict-aliasing \
           -mno-red-zone -mgeneral-regs-only -Wall -Wextra -Werror -Wmissing-prototypes \
           -Wstrict-prototypes -Wshadow -Wundef -I. -fdebug-prefix-map=$(CURDIR)=.
KCFLAGS_x86_64 := -m64 -mcmodel=small -DARCH_NAME='"x86_64"'
KCFLAGS_i386   := -m32 -march=i686 -DARCH_NAME='"i386"'
NASM_x86_64    := -f elf64 -DARCH_X86_64
NASM_i386      := -f elf32 -DARCH_I386
LD_x86_64      := -m elf_x86_64
LD_i386        := -m elf_i386

.PHONY: all
all: kernels

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
	$$(Q)$$(NASM) $$(NASM_$(1)) -I$$(BUILD)/$(1)/gen/ -I./ -MD $$(@:.o=.d) -MP -MT $$@ -Werror -o $$@ $$<

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

-include tools/smmrun/smmrun.mk

.PHONY: clean
clean:
	rm -rf $(BUILD)
