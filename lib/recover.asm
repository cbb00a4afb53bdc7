; SPDX-License-Identifier: GPL-2.0-or-later
;
; A landing point to come back to from an exception or out of a deep call:
; setjmp/longjmp reduced to what freestanding code without FPU state needs.
;
; CPU mode: 64-bit (System V AMD64 ABI) or 32-bit protected (i386 ABI).
; recover_point(struct recover *): saves callee-saved registers, stack pointer
; and return address; returns 0, and once more, non-zero, per recover_jump.
; recover_jump(struct recover *, value): never returns; value must not be 0.

global recover_point, recover_jump

section .text
%ifdef ARCH_X86_64
bits 64
recover_point:
        mov     rax, [rsp]
        mov     [rdi], rax
        lea     rax, [rsp + 8]
        mov     [rdi + 8], rax
        mov     [rdi + 16], rbx
        mov     [rdi + 24], rbp
        mov     [rdi + 32], r12
        mov     [rdi + 40], r13
        mov     [rdi + 48], r14
        mov     [rdi + 56], r15
        xor     eax, eax
        ret
recover_jump:
        mov     eax, esi
        mov     rsp, [rdi + 8]
        mov     rbx, [rdi + 16]
        mov     rbp, [rdi + 24]
        mov     r12, [rdi + 32]
        mov     r13, [rdi + 40]
        mov     r14, [rdi + 48]
        mov     r15, [rdi + 56]
        jmp     [rdi]
%else
bits 32
recover_point:
        mov     edx, [esp + 4]
        mov     eax, [esp]
        mov     [edx], eax
        lea     eax, [esp + 4]
        mov     [edx + 4], eax
        mov     [edx + 8], ebx
        mov     [edx + 12], ebp
        mov     [edx + 16], esi
        mov     [edx + 20], edi
        xor     eax, eax
        ret
recover_jump:
        mov     edx, [esp + 4]
        mov     eax, [esp + 8]
        mov     esp, [edx + 4]
        mov     ebx, [edx + 8]
        mov     ebp, [edx + 12]
        mov     esi, [edx + 16]
        mov     edi, [edx + 20]
        jmp     [edx]
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
