; SPDX-License-Identifier: GPL-2.0-or-later
;
; First-SMI handler at a default SMBASE (30000h; A0000h where SeaBIOS left the
; BSP): see relocate.h. Copied to SMBASE + 8000h, position independent.
;
; CPU mode at entry: SMM, big real mode: CS base = SMBASE, limit 4 GiB; DS, ES,
; SS base 0, limit 4 GiB; 16-bit operands; interrupts, NMI and SMI blocked (Intel
; SDM vol. 3, Table 34-4). All registers may be changed: RSM brings the
; interrupted ones back. No stack: nothing outside SMRAM can be trusted, and a
; hot-added CPU owns no SMRAM yet.
; Registers: EBP = own APIC id, ESI = SMBASE; EAX-EDX, EDI scratch.

%include "offsets.inc"
%include "smm/interrupted.inc"

global relocate_start, relocate_end

section .rodata
bits 16
; relocate_start is entered with IP = 8000h: memory operands are given as offsets
; from CS base, jumps are relative.
relocate_start:
        lock inc dword [cs:CTX_ENTERED]
        mov     si, cs
        movzx   esi, si
        shl     esi, 4                  ; SMBASE, as both are below 1 MiB

        ; APIC id: CPUID leaf 0Bh where it is valid, else leaf 1 (SDM vol. 2).
        xor     eax, eax
        cpuid
        cmp     eax, 0x0b
        jb      .small_id
        mov     eax, 0x0b
        xor     ecx, ecx
        cpuid
        test    ebx, ebx
        jz      .small_id
        mov     ebp, edx
        jmp     .have_id
.small_id:
        mov     eax, 1
        cpuid
        shr     ebx, 24
        mov     ebp, ebx
.have_id:

        AT_RESET_VECTOR
        jne     .gate
        lock inc dword [cs:CTX_PARKED]
.park:
        cmp     dword [cs:CTX_FORCE], 0
        jne     .gate
        pause
        jmp     .park

.gate:
        cmp     dword [cs:CTX_GATE], 1
        jne     .pass
        cmp     ebp, [cs:CTX_APIC_ID]
        je      .relocate
        pause
        jmp     .gate

.pass:
        lock inc dword [cs:CTX_PASSED]
        rsm

.relocate:
        mov     ecx, [cs:CTX_SMBASE]
        jecxz   .written
        cmp     ax, REV_AMD64
        je      .amd64_smbase
        mov     [cs:SAVE32_SMBASE], ecx
        jmp     .written
.amd64_smbase:
        mov     [cs:SAVE64_SMBASE], ecx
.written:
        mov     dword [cs:CTX_GATE], 0
        lock inc dword [cs:CTX_RELOCATED]
        rsm
relocate_end:

%if relocate_end - relocate_start > NOOP_BODY
%error "the handler runs into the no-operation handler"
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
