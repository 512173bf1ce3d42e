/*
 * Records of what a program does, as the kernel writes them and a formatter
 * reads them (tools/lab). All words are little endian.
 *
 *      struct cairn_record     how long, of what type, whose, when
 *      the type's own words    struct cairn_trace_call and so on
 *      chunks                  struct cairn_chunk and its bytes, padded to 4
 *
 * A chunk holds bytes of the program's memory as they were when the record was
 * made, or what the kernel knows of a descriptor: a reader that meets an
 * address among the arguments looks for the chunk that begins there.
 */
#ifndef DEV_TRACE_PROTO_H
#define DEV_TRACE_PROTO_H

#include <stdint.h>

enum cairn_record_type {
    CAIRN_RECORD_ENTRY = 1, /* struct cairn_trace_call: a call begins */
    CAIRN_RECORD_EXIT,      /* the same, with its result */
    CAIRN_RECORD_SIGNAL,    /* struct cairn_trace_signal: one is taken */
    CAIRN_RECORD_END,       /* struct cairn_trace_end: a process ends */
    CAIRN_RECORD_FAULT,     /* struct cairn_trace_fault: a page fault */
    CAIRN_RECORD_INJECTED,  /* struct cairn_trace_place: a call was made fail */
    CAIRN_RECORD_MALLOC,    /* struct cairn_trace_malloc, several */
    CAIRN_RECORD_CORE,      /* struct cairn_trace_core: a process dies */
    CAIRN_RECORD_AREA,      /* struct cairn_trace_area: of that process */
    CAIRN_RECORD_MEMORY,    /* chunks of its memory; without: that was all */
    CAIRN_RECORD_RUNS,      /* struct cairn_trace_run, several */
    CAIRN_RECORD_PAGES,     /* struct cairn_trace_area, its name, its pages */
    CAIRN_RECORD_TOTALS,    /* struct cairn_trace_totals: at the end */
    CAIRN_RECORD_IMAGE,     /* its number, and the path of what was executed */
};

struct cairn_record {
    uint32_t nbytes; /* of the whole record, a multiple of 4 */
    uint16_t type;   /* enum cairn_record_type */
    uint16_t unused;
    int32_t pid, tid;
    uint64_t ns; /* the monotonic clock */
};

enum cairn_chunk_kind {
    CAIRN_CHUNK_MEMORY = 1, /* bytes at `address` */
    CAIRN_CHUNK_PATH,       /* the name of descriptor number `address` */
    CAIRN_CHUNK_COUNT,      /* one word: elements up to NULL at `address` */
};

struct cairn_chunk {
    uint32_t address;
    uint16_t kind;   /* enum cairn_chunk_kind */
    uint16_t nbytes; /* without the padding */
};

#define CAIRN_TRACE_INJECTED 1u /* the result was made up */
#define CAIRN_TRACE_STEPPED  2u /* the call was not made */

struct cairn_trace_call {
    uint32_t number;
    uint32_t args[6];
    uint32_t eip;
    int32_t result; /* of an exit */
    uint32_t flags; /* CAIRN_TRACE_* */
};

struct cairn_trace_signal {
    uint32_t info[8]; /* the beginning of siginfo */
};

struct cairn_trace_end {
    int32_t status; /* as wait4 reports it */
};

struct cairn_trace_fault {
    uint32_t address, access, eip;
    int32_t result; /* 0: mended */
};

#define CAIRN_TRACE_FRAMES 12

/* Where user code is: by frame pointers, the innermost first. */
struct cairn_trace_place {
    uint32_t number; /* of the call */
    uint32_t nframes;
    uint32_t top; /* the first word of the stack */
    uint32_t frames[CAIRN_TRACE_FRAMES];
};

enum cairn_malloc_op {
    CAIRN_MALLOC = 1, /* arg: bytes */
    CAIRN_CALLOC,     /* arg: bytes, elements times size */
    CAIRN_REALLOC,    /* old, arg: bytes */
    CAIRN_FREE,       /* old */
    CAIRN_MEMALIGN,   /* arg: bytes, old: the alignment */
};

struct cairn_trace_malloc {
    uint16_t op;     /* enum cairn_malloc_op */
    uint16_t nwords; /* of the callers that follow */
    int32_t tid;
    uint32_t old, arg, result;
    uint32_t brk; /* the end of the heap after it */
    /* then uint32_t callers[nwords], the innermost first */
};

struct cairn_trace_core {
    int32_t signo;
    uint32_t info[8];  /* the beginning of siginfo */
    uint32_t regs[17]; /* struct user_regs_struct of i386 */
    uint32_t arg_start, env_start, env_end;
    int32_t ppid, pgid, sid;
    uint32_t uid, gid;
    uint32_t is_dying; /* of several threads, the one that caused it */
    char name[16];
    uint8_t fpu[512]; /* FXSAVE image */
};

struct cairn_trace_area {
    uint32_t start, end;
    uint32_t prot, flags; /* PROT_*, MAP_* */
    uint64_t offset;
    /* then the name of its file, padded to 4 bytes */
};

/* Frames from number `first` on that are all of one kind, in order. */
struct cairn_trace_run {
    uint32_t first, nframes;
    uint32_t kind; /* enum memmap_kind; or CAIRN_RUN_FRAMES + enum frame_kind */
};

#define CAIRN_RUN_FRAMES 16u

/* What a page of an area is: a byte for each, after the name. */
enum cairn_page_state {
    CAIRN_PAGE_ABSENT,
    CAIRN_PAGE_PRIVATE,
    CAIRN_PAGE_SHARED, /* with another process, or a file */
    CAIRN_PAGE_ZERO,   /* the one page of zeros */
    CAIRN_PAGE_FILE    /* of a file, mapped here alone */
};

struct cairn_trace_totals {
    uint64_t ns, call_ns; /* that threads have run; of these in calls */
    uint32_t nfaults, peak_frames; /* of user pages and page tables */
};

#endif
