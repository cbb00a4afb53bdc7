; SPDX-License-Identifier: GPL-2.0-or-later
;
; SMM's interrupt entry points, in SMRAM: smm_trap_entries -> smm_trap().
; CPU mode: as in entry.asm.

%include "lib/trap.inc"

        TRAP_ENTRIES smm_trap, smm_trap

section .note.GNU-stack noalloc noexec nowrite progbits
