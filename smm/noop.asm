; SPDX-License-Identifier: GPL-2.0-or-later
;
; The no-operation handler at the default SMBASE (edk2 thread of October 2019), for a
; CPU that takes an SMI there while nobody relocates it: see relocate.h. Copied to
; SMBASE + 8000h, position independent.
;
; CPU mode at entry: SMM, big real mode, as in relocate.asm. No stack; registers as
; there: EAX, EDX, EDI are scratch, RSM brings the interrupted ones back.
;
; What a CPU can loop in lies behind the relocation handler, so that this may be
; replaced around it.

%include "offsets.inc"
%include "smm/interrupted.inc"

global noop_start, noop_end

section .rodata
bits 16
noop_start:
        jmp     near .body
        times   NOOP_BODY - ($ - noop_start) db 0
.body:
        lock inc dword [cs:CTX_ENTERED]
        AT_RESET_VECTOR
        jne     .pass
        lock inc dword [cs:CTX_PARKED]
.park:
        pause
        jmp     .park                   ; until INIT
.pass:
        lock inc dword [cs:CTX_PASSED]
        rsm
noop_end:

%if noop_end - noop_start > CONTEXT_OFFSET
%error "the handler runs into its context"
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
