; SPDX-License-Identifier: GPL-2.0-or-later
;
; The kernel's interrupt entry points: kernel_trap_entries -> kernel_trap().
; CPU mode: 64-bit or 32-bit protected, kernel GDT (see lib/trap.inc).

%include "lib/trap.inc"

        TRAP_ENTRIES kernel_trap, kernel_trap

section .note.GNU-stack noalloc noexec nowrite progbits
