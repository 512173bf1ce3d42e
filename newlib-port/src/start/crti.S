/*
 * crti.S - the beginnings of _init and _fini; whatever an object puts into
 * .init or .fini comes between them and crtn.S.
 */
        .section .init, "ax", @progbits
        .globl  _init
        .type   _init, @function
_init:
        pushl   %ebx
        subl    $8, %esp

        .section .fini, "ax", @progbits
        .globl  _fini
        .type   _fini, @function
_fini:
        pushl   %ebx
        subl    $8, %esp

        .section .note.GNU-stack, "", @progbits
