/*
 * Copies that survive a fault. Those that return how many bytes from the start
 * were done move words first; when a word faults, its bytes are tried one by
 * one, so that the count is exact to the byte.
 *
 * With SMAP, user pages can be touched only while EFLAGS.AC is set (Intel SDM
 * 3A 4.6); every entry to the kernel clears it.
 *
 * The first three arguments come in EAX, EDX and ECX.
 */
#define EFAULT         14 /* <cairn/errno.h> */
#define FPSTATE_STATUS 108 /* offsets in struct __cairn_fpstate */
#define FPSTATE_FXSAVE 112

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
    movl %eax, %edi
    movl %edx, %esi
    movl %ecx, %eax
    user_access_begin
    movl %ecx, %edx
    shrl $2, %ecx
1:  rep movsl
    movl %edx, %ecx
    andl $3, %ecx
2:  rep movsb
3:  user_access_end
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

/* int ucopy_all(void *dst, const void *src, size_t nbytes): 0 or -EFAULT */
    .balign 16
    .globl ucopy_all
    .type ucopy_all, @function
ucopy_all:
    pushl %esi
    pushl %edi
    movl %eax, %edi
    movl %edx, %esi
    user_access_begin
    xorl %eax, %eax
    movl %ecx, %edx
    shrl $2, %ecx
1:  rep movsl
    movl %edx, %ecx
    andl $3, %ecx
2:  rep movsb
3:  user_access_end
    popl %edi
    popl %esi
    ret
4:  movl $-EFAULT, %eax
    jmp 3b
    on_fault 1b, 4b
    on_fault 2b, 4b
    .size ucopy_all, . - ucopy_all

/*
 * int ucopy_halves(void *dst, const void *src, size_t n, size_t stride)
 * Copies `n` (not 0) half words, `stride` bytes from each to the next on both
 * sides: 0 or -EFAULT.
 */
    .balign 16
    .globl ucopy_halves
    .type ucopy_halves, @function
ucopy_halves:
    pushl %esi
    pushl %edi
    pushl %ebx
    movl %eax, %edi
    movl %edx, %esi
    movl 16(%esp), %ebx
    user_access_begin
    xorl %eax, %eax
1:  movzwl (%esi), %edx
2:  movw %dx, (%edi)
    addl %ebx, %esi
    addl %ebx, %edi
    decl %ecx
    jnz 1b
3:  user_access_end
    popl %ebx
    popl %edi
    popl %esi
    ret
4:  movl $-EFAULT, %eax
    jmp 3b
    on_fault 2b, 4b
    .size ucopy_halves, . - ucopy_halves

/*
 * int ucopy_store(void *dst, uint32_t word)
 * int ucopy_load(const void *src, uint32_t *word): 0 or -EFAULT
 */
    .balign 16
    .globl ucopy_store, ucopy_load
    .type ucopy_store, @function
ucopy_store:
    movl %eax, %ecx
    user_access_begin
    xorl %eax, %eax
1:  movl %edx, (%ecx)
2:  user_access_end
    ret
3:  movl $-EFAULT, %eax
    jmp 2b
    on_fault 1b, 3b
    .size ucopy_store, . - ucopy_store

    .balign 16
    .type ucopy_load, @function
ucopy_load:
    movl %eax, %ecx
    user_access_begin
    xorl %eax, %eax
1:  movl (%ecx), %ecx
    movl %ecx, (%edx)
2:  user_access_end
    ret
3:  movl $-EFAULT, %eax
    jmp 2b
    on_fault 1b, 3b
    .size ucopy_load, . - ucopy_load

/*
 * int ucopy_exchange(void *word, uint32_t *old, uint32_t fresh)
 * Compare and exchange; *old becomes what the word was: 0 or -EFAULT.
 */
    .balign 16
    .globl ucopy_exchange
    .type ucopy_exchange, @function
ucopy_exchange:
    pushl %ebx
    pushl %esi
    movl %edx, %ebx
    movl %eax, %esi
    user_access_begin
    movl (%ebx), %eax
1:  lock cmpxchgl %ecx, (%esi)
    movl %eax, (%ebx)
    xorl %eax, %eax
2:  user_access_end
    popl %esi
    popl %ebx
    ret
3:  movl $-EFAULT, %eax
    jmp 2b
    on_fault 1b, 3b
    .size ucopy_exchange, . - ucopy_exchange

/* size_t ucopy_zero(void *dst, size_t nbytes) */
    .balign 16
    .globl ucopy_zero
    .type ucopy_zero, @function
ucopy_zero:
    pushl %edi
    pushl %edx
    movl %eax, %edi
    movl %edx, %ecx
    user_access_begin
    xorl %eax, %eax
    shrl $2, %ecx
1:  rep stosl
    movl %edx, %ecx
    andl $3, %ecx
2:  rep stosb
3:  user_access_end
    popl %eax
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
    movl %eax, %edi
    movl %edx, %esi
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
 * int ucopy_fpu_save(void *fpstate, uint32_t magic)
 * Store the FPU state straight in user memory as struct __cairn_fpstate: FSAVE
 * image, status word, `magic` (in its upper half) and, if that is 0, FXSAVE
 * image, which is 16-byte aligned. 1, or 0 if it faults. FNSAVE comes last,
 * since it clears the state.
 */
    .balign 16
    .globl ucopy_fpu_save
    .type ucopy_fpu_save, @function
ucopy_fpu_save:
    movl %eax, %ecx
    user_access_begin
    xorl %eax, %eax
    testl %edx, %edx
    jnz 2f
1:  fxsave FPSTATE_FXSAVE(%ecx)
2:  fnstsw %ax
    orl %eax, %edx
3:  movl %edx, FPSTATE_STATUS(%ecx)
4:  fnsave (%ecx)
    movl $1, %eax
5:  user_access_end
    ret
6:  xorl %eax, %eax
    jmp 5b
    on_fault 1b, 6b
    on_fault 3b, 6b
    on_fault 4b, 6b
    .size ucopy_fpu_save, . - ucopy_fpu_save

/*
 * int ucopy_fxrstor(const void *image)
 * Load the FPU state straight from user memory, 16-byte aligned. 1, or 0 if it
 * faults: then nothing has been loaded.
 */
    .balign 16
    .globl ucopy_fxrstor
    .type ucopy_fxrstor, @function
ucopy_fxrstor:
    movl %eax, %edx
    user_access_begin
    xorl %eax, %eax
1:  fxrstor (%edx)
    incl %eax
2:  user_access_end
    ret
    on_fault 1b, 2b
    .size ucopy_fxrstor, . - ucopy_fxrstor
    .section .note.GNU-stack, "", @progbits
