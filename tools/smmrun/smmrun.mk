# SPDX-License-Identifier: GPL-2.0-or-later
# The runner and its unit tests. Included by the Makefile; V=1 shows the commands.

BUILD       ?= build
smmrun_dir  := tools/smmrun
smmrun_pkgs := jansson libelf libxml-2.0
TCFLAGS     ?= -std=gnu11 -O2 -g -D_GNU_SOURCE -Wall -Wextra -Werror -Wmissing-prototypes \
               -Wstrict-prototypes -Wshadow -Wundef
# Not our headers: -isystem, so that warnings and lint leave them alone.
smmrun_cflags := $(TCFLAGS) -I. \
                 $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(smmrun_pkgs)))
smmrun_libs   := $(shell pkg-config --libs $(smmrun_pkgs))
smmrun_q      := $(if $(filter 0,$(or $(V),0)),@)
smmrun_say     = $(if $(smmrun_q),@printf '  %-7s %s\n' '$(1)' '$(2)')

smmrun_c    := $(sort $(wildcard $(smmrun_dir)/*.c))
smmrun_o    := $(smmrun_c:%.c=$(BUILD)/%.o)
# Everything but main() goes into the unit tests as well.
smmrun_lib  := $(filter-out $(BUILD)/$(smmrun_dir)/main.o,$(smmrun_o))

# What a waiting QEMU loads. It makes system calls itself, which is written for x86_64 only.
forkserver_so := $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),$(BUILD)/forkserver.so)

.PHONY: smmrun
smmrun: $(BUILD)/smmrun $(forkserver_so)

$(BUILD)/$(smmrun_dir)/%.o: $(smmrun_dir)/%.c $(smmrun_dir)/smmrun.mk
	$(call smmrun_say,CC,$@)
	@mkdir -p $(@D)
	$(smmrun_q)$(CC) $(smmrun_cflags) -MMD -MP -c -o $@ $<

# It holds the page's template.
$(BUILD)/$(smmrun_dir)/report_html.o: $(smmrun_dir)/report.html

$(BUILD)/smmrun: $(smmrun_o)
	$(call smmrun_say,LD,$@)
	$(smmrun_q)$(CC) $(LDFLAGS) -o $@ $^ $(smmrun_libs)

$(BUILD)/forkserver.so: $(smmrun_dir)/preload/forkserver.c $(smmrun_dir)/preload/protocol.h
	$(call smmrun_say,LD,$@)
	@mkdir -p $(@D)
	$(smmrun_q)$(CC) $(TCFLAGS) -I. -fPIC -ffreestanding -fno-stack-protector -shared -nostdlib \
	    -o $@ $<

# Unit tests: one cmocka program per test_*.c. unit/aux holds what they work on: records without
# a kernel, and a program that behaves like a QEMU, or misbehaves.
unit_dir    := $(smmrun_dir)/unit
unit_c      := $(sort $(wildcard $(unit_dir)/test_*.c))
unit_bin    := $(unit_c:$(unit_dir)/%.c=$(BUILD)/unit/%)
fake_c      := $(sort $(wildcard $(unit_dir)/fake/*.c))
unit_o      := $(patsubst %.c,$(BUILD)/%.o,$(unit_c) $(fake_c))
unit_aux    := $(BUILD)/unit/aux/fakeqemu $(BUILD)/unit/aux/x86_64/kernel.elf \
               $(BUILD)/unit/aux/i386/kernel.elf
unit_libs   := $(smmrun_libs) $(shell pkg-config --libs cmocka)

.PHONY: unit
unit: $(unit_bin) $(unit_aux) $(BUILD)/unit/e2e

# The runner from end to end against that program; it stands where the unit tests are run.
$(BUILD)/unit/e2e: $(unit_dir)/e2e.sh $(BUILD)/smmrun $(unit_aux)
	@mkdir -p $(@D)
	$(smmrun_q)printf '#!/bin/sh\nexec %s/%s\n' '$(CURDIR)' $< >$@
	$(smmrun_q)chmod +x $@

$(unit_bin): $(BUILD)/unit/%: $(BUILD)/$(unit_dir)/%.o $(smmrun_lib) | $(unit_aux)
	$(call smmrun_say,LD,$@)
	@mkdir -p $(@D)
	$(smmrun_q)$(CC) $(LDFLAGS) -o $@ $^ $(unit_libs)

$(BUILD)/unit/aux/fakeqemu: $(fake_c:%.c=$(BUILD)/%.o)
	$(call smmrun_say,LD,$@)
	@mkdir -p $(@D)
	$(smmrun_q)$(CC) $(LDFLAGS) -o $@ $^ $(smmrun_libs)

$(BUILD)/unit/aux/%/kernel.elf: $(unit_dir)/records.c include/testinfo.h
	$(call smmrun_say,CC,$@)
	@mkdir -p $(@D)
	$(smmrun_q)$(CC) $(smmrun_cflags) -c -o $@ $<

-include $(smmrun_o:.o=.d) $(unit_o:.o=.d)
