; SPDX-License-Identifier: GPL-2.0-or-later
;
; SMI handler that carries out a list of steps without changing CR0 or CR4 unless
; a step says so. Copied to TLB_SMBASE + 8000h in ordinary RAM, so that the only
; memory whose contents depend on SMM is that which the steps touch.
;
; CPU mode at entry: SMM, big real mode (Intel SDM vol. 3, Table 34-4). TLB_SMBASE
; is below 1 MiB, so that CS is an ordinary real-mode segment and exceptions can
; return through it. Registers: ESI = step; all others scratch.

%include "boot/modes.inc"
%include "tests/tlb/modes.inc"
%include "tests/tlb/steps.inc"

CR4_PSE         equ 1 << 4

global smi_start, smi_end, smi_stubs
section .rodata
bits 16
smi_start:
        ; Exceptions are ours, not those of the interrupted code; RSM brings IDTR back.
        o32 lidt [dword DATA_SMM_IDTR]
        mov     esp, SMI_STACK
        mov     esi, MODES_INNER
        STEPS_LOOP esi
        FLAT_ACCESS esi, ebx
.execute:
        ; A near call: CS keeps its base, and with 32-bit operands EIP all its bits.
        mov     ebx, [esi + 4]
        sub     ebx, TLB_SMBASE
        xor     eax, eax
        call    ebx
        mov     [esi + 8], eax
        jmp     .done
.special:
        cmp     eax, STEP_PE
        je      .pe
        cmp     eax, STEP_CR4
        je      .cr4
        cmp     eax, STEP_PAGING
        je      .paging
        ; STEP_NO_PAGING
        mov     eax, cr0
        and     eax, ~(CR0_PG | CR0_PE)
        mov     cr0, eax
        jmp     .done
.pe:
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        jmp     .protected
.protected:
        and     al, ~CR0_PE
        mov     cr0, eax
        jmp     .done
.cr4:
        mov     eax, cr4
        xor     eax, CR4_PSE
        mov     cr4, eax
        jmp     .done
.paging:
        mov     eax, [esi + 8]
        mov     cr3, eax
        mov     eax, cr4
        or      eax, CR4_PSE
        mov     cr4, eax
        mov     eax, cr0
        or      eax, CR0_PG | CR0_PE
        mov     cr0, eax
        jmp     .done
.end:
        rsm

        align   16
smi_stubs:
%assign vector 0
%rep MODES_VECTORS
        align   MODES_STUB_SIZE
        mov     byte [dword DATA_VECTOR], vector
        jmp     near caught
%assign vector vector + 1
%endrep
caught:
        mov     esp, SMI_STACK
        jmp     near smi_start.caught
smi_end:
section .note.GNU-stack noalloc noexec nowrite progbits
