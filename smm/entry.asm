; SPDX-License-Identifier: GPL-2.0-or-later
;
; SMM image: first instruction with paging, the way to C and RSM.
;
; CPU mode: SMM; long mode on x86_64, PAE protected mode on i386; CS = SMM's flat
; code segment. EBX = linear address of this CPU's tile. Interrupts are off.
; Calls smm_main(struct smm_cpu *) on the tile's stack, then RSM; on i386 that is the
; stub's, which has to turn paging off first.

%include "offsets.inc"

extern  smm_main, smm_idtr
global  smm_entry

section .text
%ifdef ARCH_X86_64
bits 64
%else
bits 32
%endif
smm_entry:
        mov     ax, 0x10
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        lidt    [smm_idtr]
%ifdef ARCH_X86_64
        mov     ebx, ebx
        lea     rdi, [rbx + TILE_CPU]
        mov     esp, [rdi + CPU_STACK_TOP]
        xor     ebp, ebp
        call    smm_main
        rsm
%else
        lea     eax, [ebx + TILE_CPU]
        mov     esp, [eax + CPU_STACK_TOP]
        sub     esp, 12
        push    eax
        xor     ebp, ebp
        call    smm_main
        jmp     far [ebx + TILE_CPU + CPU_LEAVE]
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
