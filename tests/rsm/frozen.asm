; SPDX-License-Identifier: GPL-2.0-or-later
;
; A CPU that stands still with a value of its own in every register: frozen_start is
; called from C in the kernel's mode (CPL 0, paging) and never returns. frozen.c fills
; the variables.

%include "boot/modes.inc"

MSR_FS_BASE     equ 0xC0000100
MSR_GS_BASE     equ 0xC0000101

global frozen_start, frozen_loop
global frozen_gdtr, frozen_idtr, frozen_fx, frozen_selectors, frozen_flags

section .data align=16
frozen_fx:      times 512 db 0          ; for FXRSTOR
frozen_gdtr:    times 16 db 0
frozen_idtr:    times 16 db 0
frozen_selectors:                       ; LDTR, TR, ES, DS, FS, GS
                times 6 dw 0
align 8
frozen_flags:   dq 0

section .text
KERNEL_BITS
frozen_start:
        fxrstor [abs frozen_fx]
        lgdt    [abs frozen_gdtr]
        lidt    [abs frozen_idtr]
        lldt    [abs frozen_selectors]
        ltr     [abs frozen_selectors + 2]
        mov     es, [abs frozen_selectors + 4]
        mov     fs, [abs frozen_selectors + 8]
        mov     gs, [abs frozen_selectors + 10]
%ifdef ARCH_X86_64
        mov     ecx, MSR_FS_BASE
        mov     eax, 0x89abcdef
        mov     edx, 0x00001234
        wrmsr
        mov     ecx, MSR_GS_BASE
        mov     eax, 0x76543210
        mov     edx, 0xffff8765
        wrmsr
        push    qword [abs frozen_flags]
        popfq
        mov     rax, 0x1122334455667701
        mov     rcx, 0x2233445566778802
        mov     rdx, 0x3344556677889903
        mov     rbx, 0x445566778899aa04
        mov     rbp, 0x66778899aabbcc06
        mov     rsi, 0x778899aabbccdd07
        mov     rdi, 0x8899aabbccddee08
        mov     r8, 0x99aabbccddeeff09
        mov     r9, 0xaabbccddeeff000a
        mov     r10, 0xbbccddeeff00110b
        mov     r11, 0xccddeeff0011220c
        mov     r12, 0xddeeff001122330d
        mov     r13, 0xeeff00112233440e
        mov     r14, 0xff0011223344550f
        mov     r15, 0x0011223344556610
        mov     ds, [abs frozen_selectors + 6]
%else
        push    dword [frozen_flags]
        popfd
        mov     eax, 0x55667701
        mov     ecx, 0x66778802
        mov     edx, 0x77889903
        mov     ebx, 0x8899aa04
        mov     ebp, 0xaabbcc06
        mov     esi, 0xbbccdd07
        mov     edi, 0xccddee08
        mov     ds, [frozen_selectors + 6]
%endif
frozen_loop:
        jmp     short frozen_loop
section .note.GNU-stack noalloc noexec nowrite progbits
