; SPDX-License-Identifier: GPL-2.0-or-later
;
; One memory access in virtual-8086 mode: see v86.h.
;
; v86_access(), i386, cdecl: CPU mode: 32-bit protected mode, CPL 0, CS 08h and SS 10h flat, with
; paging for level 3; interrupts off. Registers as the ABI has them; TR stays ours.
; v86_code: virtual-8086 mode. ESI = offset in DS, EBX = value to write; EAX = value read. INT 80h
; leads through the IDT's gate to .done, every exception to .failed (Intel SDM vol. 3, 20.3).

V86_SEGMENT     equ     0x7000

%ifndef ARCH_X86_64
global  v86_access, v86_done, v86_failed, v86_code, v86_code_end
extern  v86_gdtr, v86_idtr, v86_tss

section .bss
old_gdtr:       resb    6
old_idtr:       resb    6

section .text
bits 32
v86_access:
        push    ebp
        push    ebx
        push    esi
        push    edi
        mov     eax, [esp + 20]         ; struct v86_access *
        sgdt    [old_gdtr]
        sidt    [old_idtr]
        lgdt    [v86_gdtr]
        lidt    [v86_idtr]
        mov     cx, 0x18
        ltr     cx
        mov     [v86_tss + 4], esp
        mov     esi, [eax + 4]
        mov     ebx, [eax + 8]
        push    dword 0                 ; GS
        push    dword 0                 ; FS
        push    dword [eax]             ; DS
        push    dword 0                 ; ES
        push    dword V86_SEGMENT       ; SS
        push    dword 0xf00             ; ESP
        push    dword 0x23002           ; EFLAGS: VM, IOPL 3
        push    dword V86_SEGMENT       ; CS
        push    dword 0                 ; EIP
        iretd
v86_done:
        mov     edx, 1
        jmp     back
v86_failed:
        xor     edx, edx
back:
        mov     cx, 0x10
        mov     ds, cx
        mov     es, cx
        mov     fs, cx
        mov     gs, cx
        mov     esp, [v86_tss + 4]
        lgdt    [old_gdtr]
        lidt    [old_idtr]
        mov     ecx, [esp + 20]
        mov     [ecx + 12], eax
        mov     [ecx + 16], edx
        pop     edi
        pop     esi
        pop     ebx
        pop     ebp
        ret

section .rodata
bits 16
v86_code:
        mov     eax, [si]
        mov     [si + 8], ebx
        int     0x80
v86_code_end:
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
