; SPDX-License-Identifier: GPL-2.0-or-later
;
; Waiting for an interrupt, in the kernel's own mode (32-bit or 64-bit), IF = 0 on entry.
; Changes no register; IF = 1 on return.
;
; void trap_sleep(void);
;
; STI keeps interrupts away until HLT has begun. An SMI may be taken in between all the same, and
; what RSM returns to may have lost that shadow: an interrupt that waits then comes in front of the
; HLT, which would sleep until another one. kernel_trap() knows the place by trap_sleep_hlt, and
; returns behind it.

%ifdef ARCH_X86_64
bits 64
%else
bits 32
%endif

global trap_sleep
global trap_sleep_hlt

section .text

trap_sleep:
    sti
trap_sleep_hlt:
    hlt
    ret
