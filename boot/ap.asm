; SPDX-License-Identifier: GPL-2.0-or-later
;
; Application processor trampoline, copied to a page below 1 MiB (ap_trampoline
; .. ap_trampoline_end; the copy's address is the SIPI vector << 12).
;
; Entered in real mode at vector:0000 after SIPI (Intel SDM vol. 3, 8.4.4.1):
; CS = vector << 8, IP = 0, everything else undefined. Uses no stack until it
; has fetched its own. Takes the next stack from ap_stacks by counting
; ap_next_index up, then calls ap_main(index), which does not return.

%include "boot/modes.inc"

extern  gdt_pointer, boot_cr3, ap_main
extern  ap_stack_base                   ; lowest address of the first stack, 32 bit
global  ap_trampoline, ap_trampoline_end, ap_next_index, ap_stack_size

section .rodata
bits 16
ap_trampoline:
        cli
        cld
        ; Real mode cannot reach gdt_pointer above 1 MiB: a GDT of its own.
        mov     ax, cs
        mov     ds, ax
        o32 lgdt [.gdt_pointer - ap_trampoline]
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        jmp     dword 0x08:ap_protected
align 4
.gdt:   dq      0
        dq      0x00cf9b000000ffff
        dq      0x00cf93000000ffff
.gdt_pointer:
        dw      3 * 8 - 1
ap_trampoline_gdt_base:
        dd      0                       ; patched: address of the copy's .gdt
ap_trampoline_end:

global  ap_trampoline_gdt_offset, ap_trampoline_gdt_base_offset
ap_trampoline_gdt_offset:
        dd      ap_trampoline.gdt - ap_trampoline
ap_trampoline_gdt_base_offset:
        dd      ap_trampoline_gdt_base - ap_trampoline

section .text
bits 32
ap_protected:
        mov     ax, 0x10
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        ENTER_KERNEL_MODE .in_mode
KERNEL_BITS
.in_mode:
        LOAD_KERNEL_SEGMENTS
        mov     eax, 1
        lock xadd [ap_next_index], eax  ; EAX = my index, the first AP is 1
        mov     ecx, eax
        imul    ecx, [ap_stack_size]
        add     ecx, [ap_stack_base]    ; index 1 ends where stack 1 begins
%ifdef ARCH_X86_64
        mov     esp, ecx
        mov     edi, eax
        xor     ebp, ebp
        call    ap_main
%else
        mov     esp, ecx
        sub     esp, 12                 ; keep the 16-byte alignment of the ABI
        push    eax
        xor     ebp, ebp
        call    ap_main
%endif
.halt:  cli
        hlt
        jmp     .halt

section .data align=4
ap_next_index:  dd 1
ap_stack_size:  dd 16384
section .note.GNU-stack noalloc noexec nowrite progbits
