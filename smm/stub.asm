; SPDX-License-Identifier: GPL-2.0-or-later
;
; Entry stub, one copy per CPU at SMBASE + 8000h (the start of its tile).
;
; CPU mode at entry: SMM, big real mode as in relocate.asm. Registers: undefined
; (Intel SDM vol. 3, Table 34-4); RSM restores the interrupted ones.
; Leaves to smm_entry in the SMM image with paging on, flat code segment,
; EBX = linear address of the tile. Paging maps the stub to itself, so the
; instructions between MOV CR0 and the far jump are still there.
;
; smm_stub_leave (i386 only): the way back, from smm_entry, EBX as above. The 32-bit
; save map has no EFER (Intel SDM vol. 3, Table 34-1): what the stub found there is
; put back, with paging off, as the page tables in force have NX bits.

%include "boot/modes.inc"
%include "offsets.inc"

global smm_stub_start, smm_stub_leave, smm_stub_end

section .rodata
bits 16
smm_stub_start:
        o32 lgdt [cs:STUB_GDTR]
        mov     eax, [cs:STUB_CR4]
        mov     cr4, eax
        mov     eax, [cs:STUB_CR3]
        mov     cr3, eax
        mov     eax, [cs:STUB_EFER]
        test    eax, eax
        jz      .no_efer
        mov     ecx, MSR_EFER
        rdmsr
        mov     [cs:STUB_OUTER_EFER], eax
        mov     [cs:STUB_OUTER_EFER + 4], edx
        mov     eax, [cs:STUB_EFER]
        xor     edx, edx
        wrmsr
.no_efer:
        mov     ebx, [cs:STUB_TILE]
        mov     eax, cr0
        or      eax, CR0_PG | CR0_PE
        mov     cr0, eax
        jmp     dword far [cs:STUB_ENTRY]

smm_stub_leave:
%ifndef ARCH_X86_64
bits 32
        cmp     dword [ebx + TILE_CPU + CPU_EFER], 0
        je      .leave
        mov     eax, cr0
        and     eax, ~CR0_PG
        mov     cr0, eax
        mov     ecx, MSR_EFER
        mov     eax, [ebx + TILE_CPU + CPU_OUTER_EFER]
        mov     edx, [ebx + TILE_CPU + CPU_OUTER_EFER + 4]
        wrmsr
.leave: rsm
%endif
smm_stub_end:

%if smm_stub_end - smm_stub_start > TILE_CPU
%error "the stub runs into struct smm_cpu"
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
