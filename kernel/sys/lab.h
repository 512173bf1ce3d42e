/*
 * The laboratory: records of what programs do, and calls that fail on purpose.
 * cairn-run asks for it in its control file, by a line of words:
 *
 *      on              only what is said besides
 *      trace           record each system call, signal and end
 *      strings=N       at most N bytes of a buffer or string (default 32)
 *      paths           and the names of descriptors
 *      faults          record page faults too
 *      core            record all of a process that a signal ends by mistake
 *      inject=CALLS:WHAT:FIRST:LAST:STEP:SCOPE     see tamper.c
 *      probe=OP:ADDRESS:BYTE   see probe.c
 *      malloc=DEPTH    record each call of a probe, with DEPTH callers
 *      fail=N          the N-th call of a probe of malloc returns NULL
 *      errno=ADDRESS   where a pointer to errno is; errnotls=OFFSET: the same
 *                      from the base of segment GS
 *      images          record each exec, and call lab_image_begins
 *      memmap, pagemap record memory, and the first program's, at its end
 *      totals          count faults and memory, and tell at the end
 *
 * Nothing of it costs an instruction when it is off: the trap gate of system
 * calls leads to another entry point when it is on, and page faults and signals
 * are called through pointers, which takes no more than a direct call.
 */
#ifndef SYS_LAB_H
#define SYS_LAB_H

#include "dev/trace_proto.h"
#include "lib/types.h"

struct trapframe;
struct process;

/* What is on; all 0: nothing. (c) after lab_start. */
extern struct lab {
    bool on, trace, paths, faults, core, totals, memmap, pagemap, images;
    uint32_t strings;
    uint32_t malloc_depth; /* 0: no records of malloc */
    uint32_t malloc_fail;  /* 0: none */
    uint32_t errno_at, errno_tls;
} lab;

#ifdef NOLAB

#    include "lib/log.h"

static inline void lab_start(char *words)
{
    klog(LOG_WARNING, "lab: %s: this kernel is built without", words);
}

static inline void lab_finish(void)
{
}

#else

/* Start what the line asks for. Words that it does not know are logged. */
void lab_start(char *words);

/* Tell the last things, before the channel's last word. */
void lab_finish(void);

#endif

/*
 * A mark for the plugin of cairn-run --profile: the current thread has begun to
 * run another program. Does nothing.
 */
void lab_image_begins(void);

/*
 * ---- record.c: one record in a buffer of the channel ----
 *
 * A record that does not fit is cut at a chunk. Without channel there is no
 * buffer, and adding to it does nothing.
 */
struct record {
    char *bytes; /* NULL: no buffer */
    size_t used;
};

void record_begin(struct record *r, unsigned type);
void record_add(struct record *r, const void *bytes, size_t nbytes);

/* The place of `nbytes` more bytes, for the caller to fill; or NULL. */
char *record_place(struct record *r, size_t nbytes);
void record_add_string(struct record *r, const char *s); /* padded to 4 */
void record_end(struct record *r);

/* How many more bytes of chunk fit. */
size_t record_room(const struct record *r);

/* A chunk of the current process's memory; none if it cannot be read. */
void record_memory(struct record *r, uint32_t address, size_t nbytes);

/* A string with its NUL, cut at `most` bytes. */
void record_string(struct record *r, uint32_t address, size_t most);

/* One word about an address. */
void record_word(struct record *r, unsigned kind, uint32_t address,
                 uint32_t word);

/* The name of a descriptor of the current process; none if it is closed. */
void record_descriptor(struct record *r, int fd);

/* True while the current thread reads user memory for a record. */
bool record_is_reading(void);

/*
 * ---- capture.c: what the arguments of a call point to ----
 *
 * Add what `call` points to: before it is made, what the kernel reads; after
 * it, with `is_exit`, what it has written.
 */
void capture_call(struct record *r, const struct cairn_trace_call *call,
                  bool is_exit);

/*
 * ---- tamper.c: calls that fail on purpose ----
 *
 * Parse a rule: false if it is none.
 */
bool tamper_add(const char *rule);

/*
 * Look whether a rule applies to this call: CAIRN_TRACE_* flags, and the
 * result in *result if the call is not to be made. May send a signal or sleep.
 */
uint32_t tamper_call(const struct trapframe *tf, int32_t *result);

/* A process or thread has ended: forget what was counted for it. */
void tamper_forget(int tid);

/* Give the rules back. */
void tamper_end(void);

/*
 * ---- probe.c: malloc, by breakpoints ----
 */
bool probe_add(const char *words);

/* A breakpoint of user code: true if it was a probe's and the code goes on. */
bool probe_hit(struct trapframe *tf);

/* Send what is collected. */
void probe_flush(void);

/* ---- core.c ---- */

/* Record the current process, which this signal ends. */
struct signal_info;
void core_record(const struct signal_info *info);

/* The name of an area: of its file, [heap] or [stack]; or none. */
struct area_info;
void core_add_name(struct record *r, const struct area_info *area);

/* ---- view.c: memory at this moment ---- */
void view_record_memory(void);
void view_record_space(void);

/* Where user code is, by frame pointers. */
uint32_t lab_callers(const struct trapframe *tf, uint32_t *frames,
                     uint32_t nframes);

/* One decimal or 0x number that *text begins with, moved over. */
bool lab_number(const char **text, uint32_t *number);

#endif
