; SPDX-License-Identifier: GPL-2.0-or-later
;
; From the kernel's mode into another one, where a list of steps is carried out,
; and back. See modes.h for the steps and the layout of low memory.
;
; modes_enter: called by C in kernel mode (long mode, or PAE on i386), interrupts
; in any state; preserves what the ABI wants preserved, and all control registers.
; Between modes_start and modes_end: copied to MODES_CODE, position dependent.

%include "boot/modes.inc"
%include "lib/state.inc"
%include "tests/tlb/modes.inc"
%include "tests/tlb/steps.inc"

global modes_enter, modes_start, modes_end
global modes_stubs16, modes_stubs32, modes_stubs64

%define LOW(label) (MODES_CODE + (label) - modes_start)

CODE16_BIG      equ 0x30
EFER_LME_CLEAR  equ ~EFER_LME

section .text
%ifdef ARCH_X86_64
bits 64
modes_enter:
        PUSH_PRESERVED
        cli
        mov     [DATA_SP], rsp
        mov     rax, cr0
        mov     [DATA_CR0], rax
        mov     rax, cr3
        mov     [DATA_CR3], rax
        mov     rax, cr4
        mov     [DATA_CR4], rax
        mov     ecx, MSR_EFER
        rdmsr
        mov     [DATA_EFER], eax
        sgdt    [DATA_GDTR]
        sidt    [DATA_IDTR]
        lgdt    [LOW(low_gdt_pointer)]
        push    CODE32
        push    LOW(low32)
        o64 retf
modes_back:
        lgdt    [DATA_GDTR]
        lidt    [DATA_IDTR]
        mov     rsp, [DATA_SP]
        POP_PRESERVED
        ret
%else
bits 32
modes_enter:
        PUSH_PRESERVED
        cli
        mov     [DATA_SP], esp
        STORE32 DATA_CR0, cr0
        STORE32 DATA_CR3, cr3
        STORE32 DATA_CR4, cr4
        sgdt    [DATA_GDTR]
        sidt    [DATA_IDTR]
        lgdt    [LOW(low_gdt_pointer)]
        jmp     CODE32:LOW(low32)
modes_back:
        lgdt    [DATA_GDTR]
        lidt    [DATA_IDTR]
        mov     esp, [DATA_SP]
        POP_PRESERVED
        ret
%endif

section .rodata
modes_start:
bits 32
%macro FLAT_SEGMENTS 0
        LOAD_KERNEL_SEGMENTS
        mov     esp, MODES_STACK
%endmacro

; Paging and long mode off; the code is mapped to itself.
%macro PAGING_OFF 0
        mov     eax, cr0
        and     eax, ~CR0_PG
        mov     cr0, eax
%ifdef ARCH_X86_64
        mov     ecx, MSR_EFER
        rdmsr
        and     eax, EFER_LME_CLEAR
        wrmsr
%endif
        xor     eax, eax
        mov     cr4, eax
%endmacro

low32:
        FLAT_SEGMENTS
        PAGING_OFF
        lidt    [DATA_MODE_IDTR]
        mov     eax, [DATA_MODE_CR4]
        mov     cr4, eax
        mov     eax, [DATA_KIND]
        cmp     eax, KIND_PROTECTED16
        jb      .real
        je      .protected16
        mov     eax, [DATA_MODE_CR3]
        test    eax, eax
        jz      .no_paging
        mov     cr3, eax
%ifdef ARCH_X86_64
        cmp     dword [DATA_KIND], KIND_32
        je      .no_long_mode
        mov     ecx, MSR_EFER
        rdmsr
        or      eax, EFER_LME
        wrmsr
.no_long_mode:
%endif
        mov     eax, cr0
        or      eax, CR0_PG
        mov     cr0, eax
.no_paging:
        mov     esi, MODES_OUTER
%ifdef ARCH_X86_64
        cmp     dword [DATA_KIND], KIND_64
        jne     .go32
        mov     dword [DATA_RESUME], LOW(steps64.caught)
        mov     word [DATA_RESUME + 4], KERNEL_CS
        jmp     KERNEL_CS:LOW(steps64)
.go32:
%endif
        mov     dword [DATA_RESUME], LOW(steps32.caught)
        mov     word [DATA_RESUME + 4], CODE32
        jmp     steps32

.protected16:
        mov     dword [DATA_RESUME], LOW(steps16.caught)
        mov     word [DATA_RESUME + 4], CODE16_BIG
        mov     esi, MODES_OUTER
        jmp     CODE16_BIG:LOW(steps16)

.real:
        ; Limits of 64 KiB survive the way into real mode, and so do those of 4 GiB.
        cmp     eax, KIND_BIG_REAL
        je      .limits
        mov     ax, DATA16
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
.limits:
        mov     ax, DATA16
        mov     ss, ax
        jmp     CODE16:LOW(to_real)

bits 16
to_real:
        mov     eax, cr0
        and     al, ~CR0_PE
        mov     cr0, eax
        jmp     0:LOW(in_real)
in_real:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     esi, MODES_OUTER
        cmp     dword [DATA_KIND], KIND_REAL
        je      near steps_real
        jmp     near steps_big_real

; Back to flat 32-bit code without paging, then into the kernel's mode.
bits 32
low_back:
        FLAT_SEGMENTS
        PAGING_OFF
        mov     eax, [DATA_CR4]
        mov     cr4, eax
        mov     eax, [DATA_CR3]
        mov     cr3, eax
%ifdef ARCH_X86_64
        mov     ecx, MSR_EFER
        rdmsr
        mov     eax, [DATA_EFER]
        wrmsr
%endif
        mov     eax, [DATA_CR0]
        mov     cr0, eax
        jmp     KERNEL_CS:modes_back

; %1: selector of the code's segment, %2: esi or rsi. The code ends with a far return.
%macro FAR_EXECUTE 2
.execute:
        mov     ebx, [%2 + 4]
        mov     [DATA_FAR], ebx
        mov     word [DATA_FAR + 4], %1
        xor     eax, eax
        call    dword far [DATA_FAR]
        mov     [%2 + 8], eax
        jmp     .done
%endmacro

; In real mode: no offset above 64 KiB, so code and data have segments of their own.
%macro REAL_EXECUTE 0
.execute:
        mov     ebx, [esi + 4]
        mov     eax, ebx
        shr     eax, 4
        and     ebx, 15
        mov     [DATA_FAR], bx
        mov     [DATA_FAR + 2], ax
        xor     eax, eax
        call    far [DATA_FAR]
        mov     [esi + 8], eax
        jmp     .done
%endmacro

%macro REAL_END 0
.special:
.end:
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        jmp     dword CODE32:LOW(low_back)
%endmacro

bits 16
steps_real:
        STEPS_LOOP esi
.read:
        mov     ebx, [esi + 4]
        mov     eax, ebx
        shr     eax, 4
        and     ebx, 15
        mov     fs, ax
        mov     eax, [fs:bx]
        mov     [esi + 8], eax
        jmp     .done
.write:
        mov     ebx, [esi + 4]
        mov     eax, ebx
        shr     eax, 4
        and     ebx, 15
        mov     fs, ax
        mov     eax, [esi + 8]
        mov     [fs:bx], eax
        jmp     .done
        REAL_EXECUTE
        REAL_END

steps_big_real:
        STEPS_LOOP esi
        FLAT_ACCESS esi, ebx
        REAL_EXECUTE
        REAL_END

steps16:
        STEPS_LOOP esi
        FLAT_ACCESS esi, ebx
        FAR_EXECUTE CODE16_BIG, esi
.special:
.end:
        jmp     dword CODE32:LOW(low_back)

bits 32
steps32:
        STEPS_LOOP esi
        FLAT_ACCESS esi, ebx
        FAR_EXECUTE CODE32, esi
.special:
.end:
        jmp     low_back

%ifdef ARCH_X86_64
bits 64
steps64:
        STEPS_LOOP rsi
        FLAT_ACCESS rsi, rbx
        FAR_EXECUTE KERNEL_CS, rsi
.special:
.end:
        push    CODE32
        push    LOW(low_back)
        o64 retf
%endif

; Exceptions: one entry per vector, MODES_STUB_SIZE apart; the step is given up.
bits 16
        align   16
modes_stubs16:
%assign vector 0
%rep MODES_VECTORS
        align   MODES_STUB_SIZE
        mov     byte [DATA_VECTOR], vector
        jmp     near caught16
%assign vector vector + 1
%endrep
caught16:
        mov     esp, MODES_STACK
        cmp     dword [DATA_KIND], KIND_REAL
        je      near steps_real.caught
        jmp     near steps_big_real.caught

bits 32
        align   16
modes_stubs32:
%assign vector 0
%rep MODES_VECTORS
        align   MODES_STUB_SIZE
        mov     byte [DATA_VECTOR], vector
        jmp     near caught32
%assign vector vector + 1
%endrep
caught32:
        mov     esp, MODES_STACK
        jmp     far [DATA_RESUME]

        align   16
modes_stubs64:
%ifdef ARCH_X86_64
bits 64
%assign vector 0
%rep MODES_VECTORS
        align   MODES_STUB_SIZE
        mov     byte [DATA_VECTOR], vector
        jmp     near caught64
%assign vector vector + 1
%endrep
caught64:
        mov     esp, MODES_STACK
        jmp     dword far [DATA_RESUME]
%endif

        align   8
low_gdt:
        dq      0
%ifdef ARCH_X86_64
        dq      0x00af9b000000ffff      ; KERNEL_CS
%else
        dq      0x00cf9b000000ffff
%endif
        dq      0x00cf93000000ffff      ; KERNEL_DS
        dq      0x00cf9b000000ffff      ; CODE32
        dq      0x00009b000000ffff      ; CODE16
        dq      0x000093000000ffff      ; DATA16
        dq      0x008f9b000000ffff      ; CODE16_BIG: 16-bit code, 4 GiB
low_gdt_end:
low_gdt_pointer:
        dw      low_gdt_end - low_gdt - 1
        dq      LOW(low_gdt)
modes_end:

%if modes_end - modes_start > MODES_DATA - MODES_CODE
%error "the code runs into its data"
%endif
section .note.GNU-stack noalloc noexec nowrite progbits
