; SPDX-License-Identifier: GPL-2.0-or-later
;
; The post-SMM pen, copied to the start of its page; see pen.h.
;
; CPU mode: real mode, CS = page >> 4, IP = 0 (a SIPI, or RSM to where the SIPI
; would have led). Uses no register and no stack: the page is the OS's to attack,
; and there is nothing to gain here. Interrupts stay off; SMIs come and go.

%include "offsets.inc"

global pen_start, pen_end

section .rodata
bits 16
pen_start:
        cli
        lock inc dword [cs:PEN_ARRIVED]
.wait:
        hlt
        lock inc dword [cs:PEN_WOKEN]
        jmp     .wait
pen_end:
section .note.GNU-stack noalloc noexec nowrite progbits
