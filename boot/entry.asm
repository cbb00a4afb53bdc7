; SPDX-License-Identifier: GPL-2.0-or-later
;
; Multiboot 1 header and the bootstrap processor's way into C.
;
; Entered by the boot loader (QEMU's option ROM, GRUB) in 32-bit protected mode
; without paging: EAX = 0x2BADB002, EBX = Multiboot information, A20 on, flat
; CS/DS/ES/SS, GDT/IDT/ESP undefined, IF = 0 (Multiboot 0.6.96, 3.2).
; Leaves with: paging on, low 4 GiB identity mapped with 2 MiB pages, our GDT,
; stack boot_stack_top, and kmain(EAX, EBX) called; long mode on x86_64, PAE
; protected mode on i386.

%include "boot/modes.inc"

MB_MAGIC        equ 0x1BADB002
MB_ALIGN        equ 1 << 0
MB_MEMINFO      equ 1 << 1
; The address fields let one loader path serve the 64-bit ELF file as well:
; QEMU refuses ELF64 without them.
MB_ADDRESSES    equ 1 << 16
MB_FLAGS        equ MB_ALIGN | MB_MEMINFO | MB_ADDRESSES

extern  kernel_load_end, kernel_bss_start, kernel_bss_end
extern  kmain
global  multiboot_header, entry, gdt_pointer, boot_cr3, kernel_page_root

section .multiboot align=4
multiboot_header:
        dd      MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)
        dd      multiboot_header        ; header_addr
        dd      multiboot_header        ; load_addr
        dd      kernel_load_end         ; load_end_addr
        dd      kernel_bss_end          ; bss_end_addr
        dd      entry                   ; entry_addr

section .text
bits 32
entry:
        cli
        cld
        mov     esi, eax                ; survive the clearing of .bss
        mov     ebp, ebx
        mov     edi, kernel_bss_start
        mov     ecx, kernel_bss_end
        sub     ecx, edi
        shr     ecx, 2                  ; page aligned (linker.ld)
        xor     eax, eax
        rep stosd                       ; byte by byte takes seconds under nested KVM
        mov     esp, boot_stack_top

        ; Four page directories with 512 pages of 2 MiB each: 0 - 4 GiB.
        mov     edi, page_directories
        mov     eax, PAGE_PRESENT | PAGE_WRITE | PAGE_LARGE
        mov     ecx, 4 * 512
.directory:
        mov     [edi], eax
        add     eax, 0x200000
        add     edi, 8
        loop    .directory

        mov     edi, page_pointers
        mov     eax, page_directories + PDPT_FLAGS
        mov     ecx, 4
.pointer:
        mov     [edi], eax
        add     eax, 0x1000
        add     edi, 8
        loop    .pointer
%ifdef ARCH_X86_64
        mov     dword [page_root], page_pointers + (PAGE_PRESENT | PAGE_WRITE)
%endif
        mov     eax, kernel_page_root
        mov     [boot_cr3], eax
        ENTER_KERNEL_MODE .in_mode

KERNEL_BITS
.in_mode:
        LOAD_KERNEL_SEGMENTS
%ifdef ARCH_X86_64
        mov     esp, boot_stack_top     ; zero extends
        mov     edi, esi
        mov     esi, ebp
        xor     ebp, ebp
        call    kmain
%else
        mov     esp, boot_stack_top
        push    ebp
        push    esi
        xor     ebp, ebp
        call    kmain
%endif
.halt:  cli
        hlt
        jmp     .halt

section .data align=16
gdt:
        dq      0
%ifdef ARCH_X86_64
        dq      0x00af9b000000ffff      ; KERNEL_CS: 64-bit code
%else
        dq      0x00cf9b000000ffff      ; KERNEL_CS: flat 32-bit code
%endif
        dq      0x00cf93000000ffff      ; KERNEL_DS: flat data
        dq      0x00cf9b000000ffff      ; CODE32: flat 32-bit code
        dq      0x00009b000000ffff      ; CODE16: base 0, 64 KiB
        dq      0x000093000000ffff      ; DATA16: base 0, 64 KiB
gdt_end:
gdt_pointer:
        dw      gdt_end - gdt - 1
        dd      gdt
        dd      0                       ; LGDT in long mode reads ten bytes
boot_cr3:
        dd      0                       ; for the AP trampoline

section .bss align=4096
%ifdef ARCH_X86_64
kernel_page_root:
page_root:        resb 4096
page_pointers:    resb 4096
%else
kernel_page_root:
page_pointers:    resb 4096
%endif
page_directories: resb 4 * 4096
boot_stack:       resb 32768
boot_stack_top:
section .note.GNU-stack noalloc noexec nowrite progbits
