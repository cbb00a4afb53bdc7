; SPDX-License-Identifier: GPL-2.0-or-later
;
; Scenes: the CPU in a given mode with every register given, an action there, and
; the way back to C. scene.c fills the variables; scene.h tells the story.
;
; scene_enter: called from C with interrupts off, in the kernel's mode. Goes to the
; mode that scene_kind names, loads everything, IRETs to the body, and returns when
; the body, or an exception in it, comes through the scene's IDT.
; Bodies (scene_blob .. scene_blob_end) are copied, and do not know where they run:
; relative jumps only, no memory but the stack.

%include "boot/modes.inc"
%include "lib/state.inc"

KIND_LONG       equ 0
KIND_REAL       equ 2

; Selectors of the scene's GDT, see scene.c.
S_NATIVE        equ KERNEL_CS
S_FLAT          equ KERNEL_DS
S_CODE32        equ CODE32
S_CODE16        equ CODE16
S_DATA16        equ DATA16

EFER_LMA        equ 1 << 10
SCENE_LOW       equ 0x50000             ; where the blob's low copy lies
VECTOR_DONE     equ 0x60
VECTORS         equ 32                  ; exceptions; VECTOR_DONE is one more
MSR_FS_BASE     equ 0xC0000100

global scene_enter
global scene_blob, scene_blob_end
global scene_body16_smi, scene_body16_rsm, scene_body16_lock_rsm
global scene_body32_smi, scene_body32_rsm, scene_body32_lock_rsm
global scene_stubs16, scene_stubs32, scene_stubs64

%macro VAR 1-2 8
global scene_%1
scene_%1:
        times %2 db 0
%endmacro

section .data align=8
VAR kind
VAR cr0
VAR cr3
VAR cr4
VAR efer
VAR has_efer
VAR gdtr, 16
VAR idtr, 16
VAR ldtr
VAR tr
VAR ds
VAR es
VAR fs
VAR gs
VAR fs_base
VAR gs_base
VAR frame                               ; linear in long mode, else offset:selector
VAR vector
VAR where                               ; IP of the exception, if it has no error code
VAR high_regs, 64                       ; R8 .. R15 on the way back
kernel_sp:      dq 0
kernel_cr0:     dq 0
kernel_cr3:     dq 0
kernel_cr4:     dq 0
kernel_efer:    dq 0
kernel_gdtr:    dq 0, 0
kernel_idtr:    dq 0, 0
scratch:        times 256 db 0
scratch_top:

; --- Into the scene -----------------------------------------------------------
section .text
%ifdef ARCH_X86_64
bits 64
scene_enter:
        PUSH_PRESERVED
        cli
        mov     [abs kernel_sp], rsp
        sgdt    [kernel_gdtr]
        sidt    [kernel_idtr]
        mov     rax, cr0
        mov     [kernel_cr0], rax
        mov     rax, cr3
        mov     [kernel_cr3], rax
        mov     rax, cr4
        mov     [kernel_cr4], rax
        mov     ecx, MSR_EFER
        rdmsr
        mov     [kernel_efer], eax
        mov     [kernel_efer + 4], edx
        cmp     dword [scene_kind], KIND_LONG
        je      .long
        lgdt    [scene_gdtr]
        push    S_CODE32
        push    legacy
        retfq

.long:  mov     rax, [scene_cr3]        ; maps the low 4 GiB to themselves, too
        mov     cr3, rax
        mov     rax, [scene_cr4]
        mov     cr4, rax
        mov     ecx, MSR_EFER
        mov     eax, [scene_efer]
        xor     edx, edx
        wrmsr
        mov     rax, [scene_cr0]
        mov     cr0, rax
        lgdt    [scene_gdtr]
        lidt    [scene_idtr]
        lldt    [scene_ldtr]
        ltr     [scene_tr]
        mov     ax, S_FLAT
        mov     ss, ax
        mov     ds, [scene_ds]
        mov     es, [scene_es]
        mov     fs, [scene_fs]
        mov     gs, [scene_gs]
        mov     ecx, MSR_FS_BASE
        mov     eax, [scene_fs_base]
        mov     edx, [scene_fs_base + 4]
        wrmsr
        inc     ecx
        mov     eax, [scene_gs_base]
        mov     edx, [scene_gs_base + 4]
        wrmsr
        mov     rsp, [scene_frame]
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rbp
        pop     rbx
        pop     rdx
        pop     rcx
        pop     rax
        iretq
%else
bits 32
scene_enter:
        PUSH_PRESERVED
        cli
        mov     [kernel_sp], esp
        sgdt    [kernel_gdtr]
        sidt    [kernel_idtr]
        STORE32 kernel_cr0, cr0
        STORE32 kernel_cr3, cr3
        STORE32 kernel_cr4, cr4
        cmp     dword [scene_has_efer], 0
        je      .no_efer
        mov     ecx, MSR_EFER
        rdmsr
        mov     [kernel_efer], eax
        mov     [kernel_efer + 4], edx
.no_efer:
        lgdt    [scene_gdtr]
        jmp     S_CODE32:legacy
%endif

bits 32
; Flat 32-bit code at CPL 0, with the kernel's paging still on.
legacy:
        mov     eax, cr0
        and     eax, ~CR0_PG
        mov     cr0, eax
        mov     ax, S_FLAT
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     esp, scratch_top
        lidt    [scene_idtr]
        mov     eax, [scene_cr4]
        mov     cr4, eax
        mov     eax, [scene_cr3]
        mov     cr3, eax
        cmp     dword [scene_has_efer], 0
        je      .no_efer
        mov     ecx, MSR_EFER
        mov     eax, [scene_efer]
        xor     edx, edx
        wrmsr
.no_efer:
        lldt    [scene_ldtr]
        ltr     [scene_tr]
        mov     eax, [scene_cr0]
        cmp     dword [scene_kind], KIND_REAL
        je      .real
        mov     cr0, eax
        jmp     short .go
.go:    mov     ax, S_FLAT              ; FS and GS: whatever the frame holds, loaded last
        mov     fs, ax
        mov     gs, ax
        lss     esp, [scene_frame]
        pop     gs
        pop     fs
        pop     es
        pop     ds
        popad
        iretd
.real:  mov     edx, [scene_frame]
        movzx   ecx, word [scene_frame + 4]
        jmp     S_CODE16:real_go - scene_blob

; --- Back from it -------------------------------------------------------------
scene_stubs32:
%assign vector 0
%rep VECTORS
        push    byte vector
        jmp     near from32
%assign vector vector + 1
%endrep
        push    byte VECTOR_DONE
        jmp     near from32

from32: pop     esi
        pop     edi
; Flat 32-bit code at CPL 0: ESI = vector, EDI = IP; stack and segments unknown.
back:
        mov     ax, S_FLAT
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     [scene_vector], esi
        mov     [scene_where], edi
        mov     eax, cr0
        and     eax, ~CR0_PG
        mov     cr0, eax
        mov     eax, [kernel_cr4]
        mov     cr4, eax
        mov     eax, [kernel_cr3]
        mov     cr3, eax
        cmp     dword [scene_has_efer], 0
        je      .no_efer
        mov     ecx, MSR_EFER
        mov     eax, [kernel_efer]
        and     eax, ~EFER_LMA
        mov     edx, [kernel_efer + 4]
        wrmsr
.no_efer:
        mov     eax, [kernel_cr0]
        mov     cr0, eax
        lgdt    [kernel_gdtr]
        lidt    [kernel_idtr]
        jmp     KERNEL_CS:in_kernel

KERNEL_BITS
in_kernel:
        mov     ax, KERNEL_DS
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        xor     eax, eax
        lldt    ax
%ifdef ARCH_X86_64
        mov     rsp, [kernel_sp]
        POP_PRESERVED
%else
        mov     esp, [kernel_sp]
        POP_PRESERVED
%endif
        ret

%ifdef ARCH_X86_64
bits 64
scene_stubs64:
%assign vector 0
%rep VECTORS
        push    byte vector
        jmp     near from64
%assign vector vector + 1
%endrep
        push    byte VECTOR_DONE
        jmp     near from64

from64: mov     [scene_high_regs], r8
        mov     [scene_high_regs + 8], r9
        mov     [scene_high_regs + 16], r10
        mov     [scene_high_regs + 24], r11
        mov     [scene_high_regs + 32], r12
        mov     [scene_high_regs + 40], r13
        mov     [scene_high_regs + 48], r14
        mov     [scene_high_regs + 56], r15
        pop     qword [scene_vector]
        pop     qword [scene_where]
        mov     rax, [kernel_cr0]
        mov     cr0, rax
        mov     rax, [kernel_cr4]
        mov     cr4, rax
        mov     rax, [kernel_cr3]
        mov     cr3, rax
        mov     ecx, MSR_EFER
        mov     eax, [kernel_efer]
        mov     edx, [kernel_efer + 4]
        wrmsr
        lgdt    [kernel_gdtr]
        lidt    [kernel_idtr]
        jmp     in_kernel
%endif

; --- What is copied -----------------------------------------------------------
section .rodata
scene_blob:
bits 16
; 16-bit protected mode, CS = S_CODE16: EAX = CR0 without PE, CX:EDX = real SS:ESP.
real_go:
        mov     bx, S_DATA16
        mov     ds, bx
        mov     es, bx
        mov     fs, bx
        mov     gs, bx
        mov     ss, bx
        mov     cr0, eax
        jmp     SCENE_LOW >> 4:.real - scene_blob
.real:  mov     ss, cx
        mov     esp, edx
        o32 pop gs
        o32 pop fs
        o32 pop es
        o32 pop ds
        popad
        o32 iret

; The real-mode interrupt table leads here.
scene_stubs16:
%assign vector 0
%rep VECTORS
        push    byte vector
        jmp     near from16
%assign vector vector + 1
%endrep
        push    byte VECTOR_DONE
        jmp     near from16

from16: pop     si
        pop     di
        movzx   esi, si
        movzx   edi, di
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        jmp     dword S_CODE32:back

; Two SMIs by APM_CNT with nothing in between, then all registers to the stack.
; The jumps are there because QEMU before 11.0 takes the SMI only at one.
%macro SMI_TWICE 0
        out     0xb2, al
        jmp     short %%first
%%first:
        out     0xb2, al
        jmp     short %%second
%%second:
%endmacro

%macro CAPTURE32 0
        pushfd
        pushad
        o32 push ds
        o32 push es
        o32 push fs
        o32 push gs
        o32 push ss
        o32 push cs
        int     VECTOR_DONE
%endmacro

scene_body16_smi:
        SMI_TWICE
scene_body16_capture:
        CAPTURE32
scene_body16_rsm:
        rsm
        jmp     scene_body16_capture
scene_body16_lock_rsm:
        db      0xf0
        rsm
        jmp     scene_body16_capture

bits 32
scene_body32_smi:
        SMI_TWICE
scene_body32_capture:
        CAPTURE32
scene_body32_rsm:
        rsm
        jmp     scene_body32_capture
scene_body32_lock_rsm:
        db      0xf0
        rsm
        jmp     scene_body32_capture

%ifdef ARCH_X86_64
bits 64
global scene_body64_smi, scene_body64_rsm, scene_body64_lock_rsm
scene_body64_smi:
        SMI_TWICE
scene_body64_capture:
        pushfq
        push    rax
        push    rcx
        push    rdx
        push    rbx
        push    rsp
        push    rbp
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        push    r12
        push    r13
        push    r14
        push    r15
        mov     eax, ds
        push    rax
        mov     eax, es
        push    rax
        push    fs
        push    gs
        mov     eax, ss
        push    rax
        mov     eax, cs
        push    rax
        int     VECTOR_DONE
scene_body64_rsm:
        rsm
        jmp     scene_body64_capture
scene_body64_lock_rsm:
        db      0xf0
        rsm
        jmp     scene_body64_capture
%endif
scene_blob_end:
section .note.GNU-stack noalloc noexec nowrite progbits
