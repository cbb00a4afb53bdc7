; SPDX-License-Identifier: GPL-2.0-or-later
;
; A first-SMI handler without a gate, and the handler at the SMBASEs it gives out:
; see together.c. Copied to SMBASE + 8000h, position independent.
;
; CPU mode: SMM, big real mode, as in smm/relocate.asm. Registers: EAX = ticket,
; ECX scratch; RSM brings the interrupted ones back. No stack.

%include "offsets.inc"

%define AT(field) cs:ENTRY_OFFSET + together_ %+ field - together_start

global together_start, together_end
global together_meet, together_entered, together_written, together_left, together_smbase
global together_mark, together_mark_end, together_mark_count

section .rodata
bits 16
together_start:
        mov     eax, 1
        lock xadd [AT(entered)], eax
        ; The saved states of all that shall meet are in the save area by then.
.meet:  mov     ecx, [AT(entered)]
        cmp     ecx, [AT(meet)]
        pause
        jb      .meet
.turn:  cmp     [AT(written)], eax
        pause
        jne     .turn
        mov     ecx, [AT(smbase) + eax * 4]
        cmp     word [cs:SAVE_REVISION], REV_AMD64
        je      .amd64
        mov     [cs:SAVE32_SMBASE], ecx
        jmp     .done
.amd64: mov     [cs:SAVE64_SMBASE], ecx
.done:  lock inc dword [AT(written)]
.all:   mov     ecx, [AT(written)]
        cmp     ecx, [AT(meet)]
        pause
        jb      .all
        lock inc dword [AT(left)]
        rsm
align 4
together_meet:    dd 0  ; CPUs that must be in before one goes on
together_entered: dd 0
together_written: dd 0  ; SMBASEs written, in the order of entry
together_left:    dd 0  ; about to leave by RSM
together_smbase:  dd 0, 0
together_end:

together_mark:
        lock inc dword [cs:ENTRY_OFFSET + together_mark_count - together_mark]
        rsm
align 4
together_mark_count: dd 0
together_mark_end:
section .note.GNU-stack noalloc noexec nowrite progbits
