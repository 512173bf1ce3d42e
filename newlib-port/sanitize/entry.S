/*
 * entry.S - where a program with the address sanitizer begins: map the shadow,
 * which even the C library's first function may need, then go on at _start.
 */
        .text
        .globl  __asan_start
        .type   __asan_start, @function
__asan_start:
        movl    %esp, __asan_stack_top
        movl    %esp, %ebx
        andl    $-16, %esp
        call    __asan_map_shadow
        movl    %ebx, %esp
        jmp     _start
        .size   __asan_start, . - __asan_start

        .bss
        .globl  __asan_stack_top
        .balign 4
__asan_stack_top:
        .zero   4
        .type   __asan_stack_top, @object
        .size   __asan_stack_top, 4

        .section .note.GNU-stack, "", @progbits
