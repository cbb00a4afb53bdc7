; SPDX-License-Identifier: GPL-2.0-or-later
;
; Witness: an SMM handler that writes down the state in which it was entered, and
; the save area, before it changes anything; edits the save area as it was told;
; then spoils every register that RSM has to bring back, and leaves. Copied to
; SMBASE + 8000h (witness.c), position independent.
;
; CPU mode at entry: SMM, big real mode: CS base = SMBASE, limit 4 GiB; DS, ES, SS
; base 0, limit 4 GiB; 16-bit operands (Intel SDM vol. 3, Table 34-4). Leaves with
; RSM from there, from protected mode or from long mode, as witness_leave says.
; Fields are the labels behind the code; witness.h reaches them by name.

%include "boot/modes.inc"
%include "lib/state.inc"
%include "offsets.inc"

MSR_SMI_COUNT   equ 0x34
MSR_FS_BASE     equ 0xC0000100

LEAVE_PROTECTED equ 1
LEAVE_LONG      equ 2
LEAVE_GUARDED   equ 3

DR7_GD          equ 1 << 13

; Selectors of witness_gdt, see witness.c.
W_CODE32        equ 0x08
W_FLAT          equ 0x10
W_LDT           equ 0x18
W_TSS           equ 0x20
W_SPOILED       equ 0x28
W_CODE64        equ 0x30

; Operand for field: in real mode behind CS, later behind EBP.
%define AT(field) cs:ENTRY_OFFSET + witness_ %+ field - witness_start
%define BY(field) ebp + witness_ %+ field - witness_start

global witness_start, witness_end, witness_here

section .rodata
bits 16
witness_start:
        mov     esp, [AT(stack)]        ; MOV leaves the flags alone
        pushfd
        pop     dword [AT(flags)]
        call    dword witness_here      ; pushes all of EIP
witness_here:
        pop     dword [AT(eip)]
        mov     [AT(cs)], cs
        mov     [AT(ds)], ds
        mov     [AT(es)], es
        mov     [AT(fs)], fs
        mov     [AT(gs)], gs
        mov     [AT(ss)], ss
        o32 sgdt [AT(gdtr)]
        o32 sidt [AT(idtr)]
        STORE32 AT(cr0), cr0
        STORE32 AT(cr2), cr2
        STORE32 AT(cr3), cr3
        STORE32 AT(cr4), cr4
        STORE32 AT(dr7), dr7
        STORE32 AT(dr6), dr6
        STORE32 AT(dr), dr0, dr1, dr2, dr3
        cmp     dword [AT(has_efer)], 0
        je      .no_efer
        mov     ecx, MSR_EFER
        rdmsr
        mov     [AT(efer)], eax
        mov     [AT(efer) + 4], edx
.no_efer:
        mov     ecx, MSR_SMI_COUNT
        rdmsr
        mov     [AT(smi_count)], eax
        lock inc dword [AT(count)]

        ; What every segment's base and limit lead to, reading and writing.
        mov     edi, [AT(target)]
        mov     eax, [ds:edi]
        mov     [AT(by_ds)], eax
        mov     dword [ds:edi + 4], 'DS'
        mov     eax, [es:edi]
        mov     [AT(by_es)], eax
        mov     dword [es:edi + 8], 'ES'
        mov     eax, [fs:edi]
        mov     [AT(by_fs)], eax
        mov     dword [fs:edi + 12], 'FS'
        mov     eax, [gs:edi]
        mov     [AT(by_gs)], eax
        mov     dword [gs:edi + 16], 'GS'
        mov     eax, [ss:edi]
        mov     [AT(by_ss)], eax
        mov     dword [ss:edi + 20], 'SS'
        mov     esi, edi
        sub     esi, [AT(smbase)]
        mov     eax, [cs:esi]
        mov     [AT(by_cs)], eax

        ; From here on DS and ES are known to have base 0 where they have it.
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        cld
        mov     ebp, [AT(smbase)]
        lea     esi, [ebp + SAVE_OFFSET]
        add     ebp, ENTRY_OFFSET
        lea     edi, [BY(save)]
        mov     ecx, SAVE_SIZE / 4
        a32 rep movsd

        ; Edits: offset in the save area, length, eight bytes; length 0 ends them.
        lea     ebx, [BY(edits)]
.edit:  movzx   ecx, word [ebx + 2]
        jcxz    .edited
        movzx   edi, word [ebx]
        lea     edi, [ebp + edi + SAVE_OFFSET - ENTRY_OFFSET]
        lea     esi, [ebx + 4]
        a32 rep movsb
        add     ebx, 12
        jmp     .edit
.edited:

        cmp     dword [AT(leave)], LEAVE_GUARDED
        je      .guarded
        cmp     dword [AT(leave)], LEAVE_PROTECTED
        jae     .protected
        o32 lgdt [AT(spoiled_dtr)]
        o32 lidt [AT(spoiled_dtr)]
        mov     eax, [AT(spoiled_dr6)]
        mov     dr6, eax
        mov     eax, [AT(spoiled_cr3)]
        mov     cr3, eax
        mov     eax, [AT(spoiled_cr4)]
        mov     cr4, eax
        mov     eax, [AT(spoiled_cr0)]
        mov     cr0, eax
        cmp     dword [AT(has_efer)], 0
        je      .spoil
        mov     ecx, MSR_EFER
        mov     eax, [AT(spoiled_efer)]
        xor     edx, edx
        wrmsr
.spoil: push    dword [AT(spoiled_flags)]
        popfd
        mov     ax, 0x5a50
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     eax, 0x5a5a0000
        mov     ecx, 0x5a5a0001
        mov     edx, 0x5a5a0002
        mov     ebx, 0x5a5a0003
        mov     esp, 0x5a5a0004
        mov     ebp, 0x5a5a0005
        mov     esi, 0x5a5a0006
        mov     edi, 0x5a5a0007
        rsm

        ; IDTR is left alone, so that a #DB in the middle of RSM has a handler.
.guarded:
        mov     eax, 0x400 | DR7_GD
        mov     dr7, eax
        rsm

.protected:
        o32 lgdt [AT(own_gdtr)]
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        jmp     dword W_CODE32:.in_protected - witness_start
bits 32
.in_protected:
        mov     ax, W_FLAT
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     esp, [BY(stack)]
        str     [BY(tr)]
        sldt    [BY(ldtr)]
        mov     ax, W_LDT
        lldt    ax
        mov     ax, W_TSS
        ltr     ax
        lidt    [BY(spoiled_dtr)]
        mov     eax, [BY(spoiled_dr6)]
        mov     dr6, eax
        mov     eax, [BY(spoiled_cr4)]
        mov     cr4, eax
        mov     eax, [BY(spoiled_cr3)]
        mov     cr3, eax
        cmp     dword [BY(has_efer)], 0
        je      .no_efer_here
        mov     ecx, MSR_EFER
        mov     eax, [BY(spoiled_efer)]
        xor     edx, edx
        wrmsr
.no_efer_here:
%ifdef ARCH_X86_64
        cmp     dword [BY(leave)], LEAVE_LONG
        je      .long
%endif
        mov     eax, [BY(spoiled_cr0)]
        or      al, CR0_PE
        mov     cr0, eax
        push    dword [BY(spoiled_flags)]
        popfd
        mov     ax, W_SPOILED
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     eax, 0x5a5a0010
        mov     ecx, 0x5a5a0011
        mov     edx, 0x5a5a0012
        mov     ebx, 0x5a5a0013
        mov     esp, 0x5a5a0014
        mov     ebp, 0x5a5a0015
        mov     esi, 0x5a5a0016
        mov     edi, 0x5a5a0017
        rsm

%ifdef ARCH_X86_64
.long:  mov     eax, CR4_PAE
        mov     cr4, eax
        mov     eax, [BY(long_cr3)]
        mov     cr3, eax
        mov     ecx, MSR_EFER
        rdmsr
        or      eax, EFER_LME
        wrmsr
        mov     eax, cr0
        or      eax, CR0_PG
        mov     cr0, eax
        lea     eax, [BY(in_long)]
        push    dword W_CODE64
        push    eax
        retf
bits 64
witness_in_long:
        mov     ax, W_SPOILED
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ecx, MSR_FS_BASE        ; and MSR_GS_BASE
        mov     eax, 0x5a5a5a5a
        mov     edx, 0x00005a5a
        wrmsr
        inc     ecx
        wrmsr
        mov     eax, [BY(spoiled_flags)]
        push    rax
        popfq
        mov     rax, 0x5a5a5a5a5a5a0020
        mov     rcx, rax
        mov     rdx, rax
        mov     rbx, rax
        mov     rsp, rax
        mov     rbp, rax
        mov     rsi, rax
        mov     rdi, rax
        mov     r8, rax
        mov     r9, rax
        mov     r10, rax
        mov     r11, rax
        mov     r12, rax
        mov     r13, rax
        mov     r14, rax
        mov     r15, rax
        rsm
%endif

%macro FIELD 2
global  witness_%1
witness_%1:
        times %2 db 0
%endmacro

align 8
; What the test wants.
FIELD smbase, 4
FIELD stack, 4          ; linear, for the handler's few pushes
FIELD has_efer, 4
FIELD target, 4         ; linear address of what the segments are tried with
FIELD leave, 4
FIELD long_cr3, 4
FIELD own_gdtr, 8
FIELD spoiled_dtr, 8
FIELD spoiled_dr6, 4
FIELD spoiled_cr0, 4
FIELD spoiled_cr3, 4
FIELD spoiled_cr4, 4
FIELD spoiled_efer, 4
FIELD spoiled_flags, 4
FIELD edits, 12 * 9
align 8
FIELD gdt, 8 * 8
; What the handler saw.
FIELD count, 4          ; SMIs taken here
FIELD flags, 4
FIELD eip, 4            ; of witness_here
FIELD cs, 2
FIELD ds, 2
FIELD es, 2
FIELD fs, 2
FIELD gs, 2
FIELD ss, 2
FIELD gdtr, 8
FIELD idtr, 8
FIELD ldtr, 2           ; only when leaving from protected or long mode
FIELD tr, 2
FIELD cr0, 4
FIELD cr2, 4
FIELD cr3, 4
FIELD cr4, 4
FIELD dr6, 4
FIELD dr7, 4
FIELD dr, 16
FIELD efer, 8
FIELD smi_count, 4
FIELD by_ds, 4
FIELD by_es, 4
FIELD by_fs, 4
FIELD by_gs, 4
FIELD by_ss, 4
FIELD by_cs, 4
align 8
FIELD save, SAVE_SIZE
witness_end:

%if witness_end - witness_start > 0x2000
%error "the witness runs into its stack"
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
