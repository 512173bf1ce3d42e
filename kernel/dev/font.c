/*
 * The glyphs of code page 437, 16 bytes each, as tools/get-font.sh made them;
 * none where no font was found.
 */
#include "dev/font.h"

__asm__(".section .rodata\n"
        "    .balign 4\n"
        "    .globl font_glyphs, font_end\n"
        "font_glyphs:\n"
        "    .incbin \"" FONT_FILE "\"\n"
        "font_end:\n"
        "    .text\n");
