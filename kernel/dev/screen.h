/*
 * The screen as a terminal that understands UTF-8 and the usual ANSI
 * sequences, and what an output of it provides.
 */
#ifndef DEV_SCREEN_H
#define DEV_SCREEN_H

#include "lib/types.h"

#define SCREEN_COLUMNS_MAX 128
#define SCREEN_ROWS_MAX    48
#define SCREEN_CELLS_MAX   (SCREEN_COLUMNS_MAX * SCREEN_ROWS_MAX)

/* Both functions are called with interrupts off. */
struct screen_output {
    /*
     * Show the cells in [from, to), in reading order, that differ from what is
     * shown, and note that in `shown`. Return where the rest begins that is too
     * much for once, or `to`: then screen_refresh() is to be called again.
     */
    unsigned (*paint)(const uint16_t *cells, uint16_t *shown, unsigned from,
                      unsigned to);
    /* The cursor is at this cell, or there but hidden. */
    void (*set_cursor)(unsigned at, bool hidden);
};

/*
 * Begin with an output, or change to it: so many cells, which show `cells`, or
 * with NULL are blank. What is written begins in `row`.
 */
void screen_start(const struct screen_output *output, unsigned columns,
                  unsigned rows, const uint16_t *cells, unsigned row);

bool screen_is_present(void);

/* Its size in cells; 0 without a screen. */
unsigned screen_columns(void);
unsigned screen_rows(void);

/* Show more of what was too much: true if that is not all. Interrupts off. */
bool screen_refresh(void);

/*
 * What is written between the two is shown at the end, all at once. Interrupts
 * are off from the one to the other.
 */
void screen_hold(void);
void screen_release(void);

/*
 * Show bytes; sequences may be cut anywhere between two calls. Newline only
 * moves down: a terminal sends CR LF. Any context; nothing happens where there
 * is no screen.
 */
void screen_write(const char *s, size_t nbytes);

/* The same for the log: each newline also returns to the first column. */
void screen_write_log(const char *s, size_t nbytes);

/*
 * Who gets the answers that programs ask the terminal for (ESC [ 6 n). NULL:
 * nobody.
 */
void screen_set_reply(void (*reply)(const char *s, size_t nbytes));

#endif
