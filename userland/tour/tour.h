/*
 * The tour: a program that walks through memory with real calls, says what it
 * does in a line each, and checks what comes back.
 */
#ifndef TOUR_H
#define TOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE ((size_t)4096)
#define KIB  ((size_t)1024)
#define MIB  (KIB * KIB)

/* ---- report.c: what is printed, and how the checks are counted ---- */

enum colour { PLAIN, BOLD, GREY, RED, GREEN, YELLOW, BLUE, CYAN };

/* Decide about colours, and see that printing needs no memory later. */
void report_init(void);

/* The sequence that switches to a colour, or nothing. */
const char *paint(enum colour colour);

/* Start a numbered chapter with a sentence on what it is about. */
void chapter(const char *title, const char *why);

/* A step: what should be so, and whether it is. */
void check(bool good, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A step that cannot be taken on this system. */
void skip(const char *what, const char *why);

/* A line of its own, indented. */
void show(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The last line; returns the program's exit status. */
int report_end(void);

/* ---- machine.c: the physical memory, by /proc ---- */

void visit_map(void);
void visit_frames(void);

/* Frames of one kind ("user", "free") by /proc/frames, or -1. */
long frames_of(const char *kind);

/* ---- places.c: where this program's own memory lies ---- */

void visit_places(void);

/* ---- breaks.c, pages.c, blocks.c, limit.c: asking for memory ---- */

void visit_break(void);
void visit_pages(void);
void visit_blocks(void);
void visit_limit(void);

/* Whether the kernel can read the byte at an address on our behalf. */
bool is_mapped(const void *address);

/* Whether a range holds nothing but `byte`. */
bool is_filled(const void *start, int byte, size_t nbytes);

#endif
