/*
 * crtn.S - the ends of _init and _fini, see crti.S.
 */
        .section .init, "ax", @progbits
        addl    $8, %esp
        popl    %ebx
        ret

        .section .fini, "ax", @progbits
        addl    $8, %esp
        popl    %ebx
        ret

        .section .note.GNU-stack, "", @progbits
