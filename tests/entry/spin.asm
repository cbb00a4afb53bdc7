; SPDX-License-Identifier: GPL-2.0-or-later
;
; An SMI handler that stays at its first instruction with everything as SMM entry
; left it, until told to go. Copied to SMBASE + 8000h, position independent.
;
; CPU mode: SMM, big real mode, as in witness.asm. Changes no register but the
; arithmetic flags.

%include "offsets.inc"

global entry_spin, entry_spin_inside, entry_spin_go, entry_spin_end

section .rodata
bits 16
entry_spin:
        mov     byte [cs:ENTRY_OFFSET + entry_spin_inside - entry_spin], 1
.wait:  cmp     byte [cs:ENTRY_OFFSET + entry_spin_go - entry_spin], 0
        je      .wait
        rsm
entry_spin_inside:
        db      0
entry_spin_go:
        db      0
entry_spin_end:
section .note.GNU-stack noalloc noexec nowrite progbits
