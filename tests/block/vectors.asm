; SPDX-License-Identifier: GPL-2.0-or-later
;
; An SMI handler that stays in big real mode and uses a real-mode interrupt table of its
; own: INT n, exceptions, a maskable interrupt and NMIs. Copied to SMBASE + 8000h, below 1 MiB,
; so that IRET finds back to CS (Intel SDM vol. 3, 34.6).
;
; CPU mode: SMM, big real mode. All registers may be changed: RSM restores them.

%include "offsets.inc"

VECTOR_INT      equ 0x21
VECTOR_NMI      equ 2
VECTOR_UD       equ 6
VECTOR_NM       equ 7
VECTOR_INTR     equ 0x50
TABLE_SIZE      equ 0x400
APIC_EOI        equ 0x0b0
APIC_ICR        equ 0x300
APIC_ICR_HIGH   equ 0x310
ICR_ASSERT      equ 1 << 14
ICR_NMI         equ 4 << 8

%define AT(label) cs:ENTRY_OFFSET + label - block_vectors

global block_vectors, block_vectors_end
global block_vectors_table, block_vectors_apic, block_vectors_apic_id, block_vectors_home
global block_vectors_seen, block_vectors_finished

section .rodata
bits 16
block_vectors:
        cld
        mov     ax, cs
        mov     ss, ax                  ; base SMBASE, limit still 4 GiB
        mov     esp, ENTRY_OFFSET + 0x1000
        ; Every vector of the table that is used, to CS:offset.
        mov     ebx, [AT(block_vectors_table)]
        mov     word [ebx + 4 * VECTOR_INT], ENTRY_OFFSET + on_int - block_vectors
        mov     [ebx + 4 * VECTOR_INT + 2], cs
        mov     word [ebx + 4 * VECTOR_UD], ENTRY_OFFSET + on_ud - block_vectors
        mov     [ebx + 4 * VECTOR_UD + 2], cs
        mov     word [ebx + 4 * VECTOR_NMI], ENTRY_OFFSET + on_nmi - block_vectors
        mov     [ebx + 4 * VECTOR_NMI + 2], cs
        mov     word [ebx + 4 * VECTOR_NM], ENTRY_OFFSET + on_nm - block_vectors
        mov     [ebx + 4 * VECTOR_NM + 2], cs
        mov     word [ebx + 4 * VECTOR_INTR], ENTRY_OFFSET + on_intr - block_vectors
        mov     [ebx + 4 * VECTOR_INTR + 2], cs
        push    ebx                     ; LIDT's operand: limit, base
        push    word TABLE_SIZE - 1
        mov     bp, sp
        o32 lidt [bp]
        ; An NMI waits for the first IRET, and another does not have to.
        mov     esi, [AT(block_vectors_apic)]
        mov     eax, [AT(block_vectors_apic_id)]
        shl     eax, 24
        mov     [esi + APIC_ICR_HIGH], eax
        mov     dword [esi + APIC_ICR], ICR_ASSERT | ICR_NMI
        jmp     short .held
.held:  mov     al, [AT(seen_nmi)]
        mov     [AT(seen_early)], al
        int     VECTOR_INT
        jmp     short .let_through
.let_through:
        mov     al, [AT(seen_nmi)]
        mov     [AT(seen_then)], al
        mov     dword [esi + APIC_ICR], ICR_ASSERT | ICR_NMI
        jmp     short .open
.open:  mov     di, ENTRY_OFFSET + seen_ud - block_vectors
        ud2
        mov     di, ENTRY_OFFSET + seen_sse - block_vectors
        xor     bx, bx
        mov     si, 0x0f70
        ; XORPS XMM2, [BX + SI + 9090h]; two bytes are skipped, the others are NOPs.
        db      0x0f, 0x57, 0x90, 0x90, 0x90
        fnop
        mov     esi, [AT(block_vectors_apic)]
        mov     eax, [AT(block_vectors_apic_id)]
        shl     eax, 24
        mov     [esi + APIC_ICR_HIGH], eax
        mov     dword [esi + APIC_ICR], ICR_ASSERT | VECTOR_INTR
        sti
        nop
        jmp     short .taken
.taken: cli
        mov     byte [AT(block_vectors_finished)], 1
        ; The next SMI finds its handler where it was before.
        mov     ecx, [AT(block_vectors_home)]
        cmp     word [cs:SAVE_REVISION], REV_AMD64
        je      .amd64
        mov     [cs:SAVE32_SMBASE], ecx
        rsm
.amd64: mov     [cs:SAVE64_SMBASE], ecx
        rsm

on_int:
        inc     byte [AT(block_vectors_seen)]
        iret
        ; The second one's handler sends a third, which has to wait for its IRET.
on_nmi:
        inc     byte [AT(seen_nmi)]
        cmp     byte [AT(nmi_inside)], 0
        je      .first
        inc     byte [AT(seen_nested)]
.first: inc     byte [AT(nmi_inside)]
        cmp     byte [AT(seen_nmi)], 2
        jne     .done
        mov     dword [esi + APIC_ICR], ICR_ASSERT | ICR_NMI
        jmp     short .done
.done:  dec     byte [AT(nmi_inside)]
        iret
on_nm:
        inc     byte [AT(seen_nm)]
        jmp     short behind
on_ud:
        inc     byte [cs:di]
behind: push    bp
        mov     bp, sp
        add     word [bp + 2], 2        ; behind UD2, FNOP, the first half of XORPS
        pop     bp
        iret
on_intr:
        inc     byte [AT(seen_intr)]
        mov     dword [esi + APIC_EOI], 0
        iret

align 4
block_vectors_table:    dd 0            ; linear address
block_vectors_apic:     dd 0            ; linear address of the local APIC
block_vectors_apic_id:  dd 0
block_vectors_home:     dd 0            ; SMBASE to go back to
block_vectors_seen:     db 0            ; INT n
seen_ud:                db 0            ; #UD of UD2
seen_intr:              db 0            ; maskable interrupt
seen_sse:               db 0            ; #UD of an SSE instruction
seen_nm:                db 0            ; #NM
seen_early:             db 0            ; NMIs before the first IRET
seen_then:              db 0            ; NMIs directly after it
seen_nmi:               db 0            ; all NMIs
seen_nested:            db 0            ; NMIs in an NMI's handler
nmi_inside:             db 0            ; depth of NMI handlers
block_vectors_finished: db 0
block_vectors_end:
section .note.GNU-stack noalloc noexec nowrite progbits
