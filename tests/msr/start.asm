; SPDX-License-Identifier: GPL-2.0-or-later
;
; Start witness: what an AP finds when SIPI starts it, written down before it is
; changed. Copied to any page below 1 MiB (start.c); the AP then halts there until
; the next INIT.
;
; CPU mode at entry: real mode, CS = vector << 8, IP = 0, everything else as INIT
; left it (Intel SDM vol. 3, 8.4.4.1 and Table 9-1). No stack until the registers
; are saved. Fields are the labels behind the code; start.c reaches them by name.

%include "boot/modes.inc"
%include "lib/state.inc"

CR4_OSFXSR      equ 1 << 9
CR4_OSXSAVE     equ 1 << 18
APIC_ESR        equ 0x280

%define AT(field) cs:start_ %+ field - start_begin

global start_begin, start_end, start_here

section .rodata
bits 16
start_begin:
        mov     [AT(gpr)], eax
        mov     [AT(gpr) + 4], ecx
        mov     [AT(gpr) + 8], edx
        mov     [AT(gpr) + 12], ebx
        mov     [AT(gpr) + 16], esp
        mov     [AT(gpr) + 20], ebp
        mov     [AT(gpr) + 24], esi
        mov     [AT(gpr) + 28], edi
        mov     [AT(segments)], es
        mov     [AT(segments) + 2], cs
        mov     [AT(segments) + 4], ss
        mov     [AT(segments) + 6], ds
        mov     [AT(segments) + 8], fs
        mov     [AT(segments) + 10], gs
        mov     ax, cs
        mov     ss, ax
        mov     sp, 0x1000
        pushfd
        pop     dword [AT(flags)]
        call    start_here
start_here:
        pop     word [AT(ip)]
        o32 sgdt [AT(gdtr)]
        o32 sidt [AT(idtr)]
        STORE32 AT(cr), cr0, cr2, cr3, cr4
        STORE32 AT(dr), dr0, dr1, dr2, dr3, dr6, dr7

        ; The MSRs that the test asks for: number, place for the value.
        mov     ds, [AT(segments) + 2]
        mov     si, start_msrs - start_begin
        mov     di, [AT(msr_count)]
.msr:   test    di, di
        jz      .msrs_done
        mov     ecx, [si]
        rdmsr
        mov     [si + 4], eax
        mov     [si + 8], edx
        add     si, 12
        dec     di
        jmp     .msr
.msrs_done:

        ; x87 and SSE state; FXSAVE leaves XMM out without OSFXSR.
        mov     eax, cr4
        or      eax, CR4_OSFXSR
        mov     cr4, eax
        fxsave  [start_fx - start_begin]
        cmp     word [start_has_xsave - start_begin], 0
        je      .no_xsave
        or      eax, CR4_OSXSAVE
        mov     cr4, eax
        xor     ecx, ecx
        xgetbv
        mov     [start_xcr0 - start_begin], eax
        mov     [start_xcr0 - start_begin + 4], edx
.no_xsave:

        ; The local APIC's page is far above what DS reaches: ES with a 4 GiB limit.
        xor     ebx, ebx
        mov     bx, cs
        shl     ebx, 4
        add     ebx, start_gdt - start_begin
        mov     [start_own_gdtr - start_begin + 2], ebx
        o32 lgdt [start_own_gdtr - start_begin]
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        mov     bx, 8
        mov     es, bx
        and     al, ~CR0_PE
        mov     cr0, eax
        xor     bx, bx
        mov     es, bx
        mov     esi, [start_apic - start_begin]
        mov     di, start_apic_page - start_begin
        mov     cx, 64
        mov     edx, [es:esi + APIC_ESR] ; first: reading reserved registers sets a bit there
.apic:  mov     eax, [es:esi]
        mov     [di], eax
        add     esi, 16
        add     di, 4
        loop    .apic
        mov     [start_apic_page - start_begin + APIC_ESR / 4], edx

        lock inc dword [start_arrived_count - start_begin]
.halt:  cli
        hlt
        jmp     .halt

%macro FIELD 2
global start_%1
start_%1:
        times %2 db 0
%endmacro

align 8
start_gdt:
        dq      0
        dq      0x00cf93000000ffff
start_own_gdtr:
        dw      15
        dd      0
align 16
FIELD fx, 512
FIELD arrived_count, 4
FIELD apic, 4           ; linear address of the local APIC
FIELD has_xsave, 4
FIELD msr_count, 4
FIELD msrs, 12 * 24
FIELD xcr0, 8
FIELD gpr, 32
FIELD segments, 12
FIELD flags, 4
FIELD ip, 4
FIELD gdtr, 8
FIELD idtr, 8
FIELD cr, 16
FIELD dr, 24
FIELD apic_page, 256    ; one word of every 16-byte register
start_end:

%if start_end - start_begin > 0xf00
%error "the start witness runs into its stack"
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
