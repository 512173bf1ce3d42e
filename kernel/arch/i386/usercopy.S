/*
 * Copies that survive a fault. Each returns how many bytes from the start were
 * done. Words are moved first; when a word faults, its bytes are tried one by
 * one, so that the count is exact to the byte.
 *
 * With SMAP, user pages can be touched only while EFLAGS.AC is set (Intel SDM
 * 3A 4.6); every entry to the kernel clears it.
 */
    .text

.macro user_access_begin
    cmpb $0, cpu_smap
    je 90f
    .byte 0x0F, 0x01, 0xCB      /* stac */
90:
.endm
.macro user_access_end
    cmpb $0, cpu_smap
    je 91f
    .byte 0x0F, 0x01, 0xCA      /* clac */
91:
.endm
.macro on_fault at, go
    .section .extable, "a"
    .long \at, \go
    .text
.endm

/* size_t ucopy_bytes(void *dst, const void *src, size_t nbytes) */
    .balign 16
    .globl ucopy_bytes
    .type ucopy_bytes, @function
ucopy_bytes:
    pushl %esi
    pushl %edi
    movl 12(%esp), %edi
    movl 16(%esp), %esi
    movl 20(%esp), %ecx
    user_access_begin
    movl %ecx, %edx
    shrl $2, %ecx
1:  rep movsl
    movl %edx, %ecx
    andl $3, %ecx
2:  rep movsb
3:  user_access_end
    movl 20(%esp), %eax
    subl %ecx, %eax
    popl %edi
    popl %esi
    ret
4:  andl $3, %edx               /* ECX words and EDX & 3 bytes are left */
    leal (%edx,%ecx,4), %ecx
    jmp 2b
    on_fault 1b, 4b
    on_fault 2b, 3b
    .size ucopy_bytes, . - ucopy_bytes

/* size_t ucopy_zero(void *dst, size_t nbytes) */
    .balign 16
    .globl ucopy_zero
    .type ucopy_zero, @function
ucopy_zero:
    pushl %edi
    movl 8(%esp), %edi
    movl 12(%esp), %ecx
    user_access_begin
    xorl %eax, %eax
    movl %ecx, %edx
    shrl $2, %ecx
1:  rep stosl
    movl %edx, %ecx
    andl $3, %ecx
2:  rep stosb
3:  user_access_end
    movl 12(%esp), %eax
    subl %ecx, %eax
    popl %edi
    ret
4:  andl $3, %edx
    leal (%edx,%ecx,4), %ecx
    jmp 2b
    on_fault 1b, 4b
    on_fault 2b, 3b
    .size ucopy_zero, . - ucopy_zero

/*
 * size_t ucopy_string(char *dst, const char *src, size_t nbytes)
 * Copies up to and including a NUL, at most nbytes. Returns the bytes copied,
 * or all ones if a byte could not be read.
 */
    .balign 16
    .globl ucopy_string
    .type ucopy_string, @function
ucopy_string:
    pushl %esi
    pushl %edi
    movl 12(%esp), %edi
    movl 16(%esp), %esi
    movl 20(%esp), %ecx
    user_access_begin
    xorl %edx, %edx
1:  cmpl %ecx, %edx
    je 3f
2:  movb (%esi,%edx), %al
    movb %al, (%edi,%edx)
    incl %edx
    testb %al, %al
    jne 1b
3:  user_access_end
    movl %edx, %eax
    popl %edi
    popl %esi
    ret
4:  movl $-1, %edx
    jmp 3b
    on_fault 2b, 4b
    .size ucopy_string, . - ucopy_string

/*
 * int ucopy_fxsave(void *image), int ucopy_fxrstor(const void *image)
 * Store or load the FPU state straight in user memory, 16-byte aligned and
 * below the kernel. 1, or 0 if it faults: then nothing has been loaded.
 */
    .balign 16
    .globl ucopy_fxsave
    .type ucopy_fxsave, @function
ucopy_fxsave:
    movl 4(%esp), %edx
    user_access_begin
    xorl %eax, %eax
1:  fxsave (%edx)
    incl %eax
2:  user_access_end
    ret
    on_fault 1b, 2b
    .size ucopy_fxsave, . - ucopy_fxsave

    .globl ucopy_fxrstor
    .type ucopy_fxrstor, @function
ucopy_fxrstor:
    movl 4(%esp), %edx
    user_access_begin
    xorl %eax, %eax
1:  fxrstor (%edx)
    incl %eax
2:  user_access_end
    ret
    on_fault 1b, 2b
    .size ucopy_fxrstor, . - ucopy_fxrstor
    .section .note.GNU-stack, "", @progbits
