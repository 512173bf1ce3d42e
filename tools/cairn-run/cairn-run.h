/*
 * tools/cairn-run/cairn-run.h - what the parts of cairn-run share
 *
 *      main.c      the order of things, and how it all ends
 *      options.c   the command line
 *      image.c     the archive that carries the program into Cairn
 *      sysroot.c   what a program of a Linux system needs to run
 *      elf_needs.c what an ELF file names
 *      machine.c   QEMU: its command line, its start and its end
 *      relay.c     the conversation with Cairn
 *      terminal.c  the host's terminal, for a program that has one
 *      terminfo.c  the description of that terminal
 *      crash.c     where a program died
 *      lab.c       the laboratory: what the kernel records, and for whom
 *      strace.c    records of system calls as lines; decode.c, names.c
 *      inject.c    calls that fail on purpose
 *      core.c      an ELF core of a program that died
 *      sweep.c     runs in which the n-th call fails
 *      probes.c    breakpoints on malloc; heap.c: what they tell, as files
 *      profile.c   instructions by function; callgrind.c, flames.c: as files
 *      symbols.c   functions and lines of an ELF file
 *      picture.c   memory and an address space as SVG
 *      program.c   symbols and places of the program's ELF file
 *      debugger.c  gdb for the program
 *      shell.c     /bin/sh for a program that runs it
 *      install.c   where Cairn's own files are
 */
#ifndef CAIRN_RUN_H
#define CAIRN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses that are not the program's, as shells and timeout(1) say. */
#define STATUS_TIMEOUT   124
#define STATUS_FAILED    125
#define STATUS_NOT_RUN   126
#define STATUS_NOT_FOUND 127
#define STATUS_BY_SIGNAL 128

/* ---- options.c ---- */

/* A file or directory of the host that goes into the archive. */
struct extra {
    const char *host;
    const char *guest; /* NULL: where it is on the host */
    bool is_dir;
};

/* When does the program get a terminal. */
enum terminal_option {
    TERMINAL_AS_HERE, /* its stdin or stdout would be one here */
    TERMINAL_ALWAYS,
    TERMINAL_NEVER
};

struct cairn_record;

/* What the laboratory is to do; see docs/lab.md. */
struct lab_options {
    bool strace;             /* record system calls */
    const char *strace_file; /* NULL: stderr */
    const char *trace_set;   /* NULL: all */
    bool paths, times, relative, faults, summary, no_lines;
    bool explains; /* what a crash is about: the last calls, the address */
    bool is_quiet; /* record, but write no lines */
    uint32_t strings;
    char **injects; /* rules of the kernel */
    size_t ninjects;
    const char *core; /* file */
    uint32_t malloc_depth, malloc_fail;
    char *probes;                    /* words of the kernel */
    const char *sweep;               /* SET[:error=E] */
    const char *malloc_trace, *heap; /* files */
    const char *memmap, *pagemap;    /* likewise */
    const char *profile;             /* likewise */
    unsigned jobs;
    bool icount, stats;
    unsigned long seed;
    /* Gets each record, while not NULL; false: it is malformed. */
    bool (*listener)(const struct cairn_record *head, const unsigned char *body,
                     const unsigned char *end);
};

/* Is the program debugged, who starts gdb, or is it the kernel. */
enum gdb_option { GDB_NONE, GDB_START, GDB_WAIT, GDB_KERNEL };

struct options {
    struct lab_options lab;
    /* Takes records from Cairn, while not NULL; false: they are malformed. */
    bool (*take_records)(const unsigned char *bytes, size_t nbytes);
    const char *memory;
    double timeout; /* seconds; 0: none; < 0: as is usual */
    enum terminal_option terminal;
    bool interactive; /* -i: a login shell of the whole image */
    bool has_image;   /* -c or -i: what runs is a shell of the image */
    const char *cpu;
    const char *accel;
    const char *log;     /* NULL: nowhere */
    const char *append;  /* more words for the kernel, or NULL */
    const char *sysroot; /* the root of a Linux system, or NULL */
    bool norandom, grub, verbose;
    enum gdb_option gdb;
    bool shell;     /* take /bin/sh along in any case */
    bool image;     /* take the whole image along */
    bool backtrace; /* say where a program died, on stderr */
    bool clear_env; /* nothing of the host's environment goes in */
    struct extra *extras;
    size_t nextras;
    char **env; /* K=V of --env */
    size_t nenv;
    const char *limits[3]; /* bytes as text, or NULL: data, as, stack */
    const char *line;      /* -c: for the image's shell; NULL: a program */
    char **argv;           /* what runs, and its arguments, NULL-terminated */
};

/* The names of options.limits. */
extern const char *const limit_names[3];

/* Reads the command line, or exits: 0 after --help, 125 after a mistake. */
void options_read(int argc, char **argv, struct options *options);

/* ---- main.c ---- */

/* One line on stderr, beginning with the name of this program. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and then exit. */
_Noreturn void die(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* malloc that dies instead of returning NULL. */
void *must_alloc(size_t nbytes);

/* realloc likewise. */
void *must_resize(void *p, size_t nbytes);

/* asprintf that dies instead of failing. */
char *format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- install.c ---- */

/*
 * The path of one of Cairn's own files, found from where this program really
 * is: `installed` below the sysroot, or `built` below the build folder. Exits
 * with 125 if there is neither.
 */
char *install_find(const char *installed, const char *built);

/* The same, but NULL if there is neither. */
char *install_look(const char *installed, const char *built);

/* ---- image.c ---- */

/*
 * Makes the archive: the program, or the whole image for -c, what the options
 * name, and the file /.cairn/run. Returns a descriptor of it; exits with 126 or
 * 127 if there is no such program, with 125 if something else fails.
 */
int image_make(const struct options *options);

/* The path of a program, as a shell finds it, to be freed. */
char *image_find_program(const char *name);
/* Where a program of this name is on the host, absolute; exits likewise. */
char *image_program(const char *name);

/* ---- debugger.c ---- */

/*
 * Starts gdb for the program, or says how to, and returns the port of this
 * machine on which the one to be debugged is to listen.
 */
int debugger_prepare(const struct options *options, const char *kernel);

/* Waits for the gdb that was started; false: none was. */
bool debugger_end(int *wait_status);

/* ---- profile.c ---- */

/*
 * Open the plugin and the memory that QEMU is to inherit, and return the words
 * that the plugin is given besides, to be freed.
 */
char *profile_prepare(const struct options *options, int *plugin, int *memory);

/* Before and after the run; between them records are taken. */
void profile_begin(const struct options *options);
bool profile_take(const struct cairn_record *head, const unsigned char *body,
                  const unsigned char *end);
void profile_end(const char *path);

/* ---- machine.c ---- */

/* The kernel that is booted, to be freed. */
char *kernel_find(void);

struct machine {
    int pid;      /* of QEMU; 0 once it has been reaped */
    int channel;  /* socket: the conversation */
    int log;      /* socket: the kernel's log */
    int messages; /* file: what QEMU itself said on stderr */
};

/*
 * Starts QEMU with the archive; exits with 125 if that fails. Without `sandbox`
 * QEMU may make every system call it likes.
 */
void machine_start(struct machine *machine, const struct options *options,
                   int image, bool sandbox);

/* What QEMU said on stdout and stderr, to be freed. */
char *machine_messages(const struct machine *machine);

/* Whether QEMU ended because it is built without its sandbox. */
bool machine_lacks_sandbox(const struct machine *machine);

/* Ends QEMU at once and waits until it is gone. */
void machine_kill(struct machine *machine);

/* ---- relay.c ---- */

enum outcome {
    OUTCOME_EXITED,  /* the program has ended: status is wait4's */
    OUTCOME_REFUSED, /* Cairn could not start it: status is an errno */
    OUTCOME_SILENT,  /* the same, before Cairn said a word */
    OUTCOME_FAILED,  /* Cairn or QEMU came to an end */
    OUTCOME_TIMEOUT,
    OUTCOME_SIGNAL, /* we got the signal `status` */
    OUTCOME_LEFT    /* the key to leave was pressed */
};

struct result {
    enum outcome outcome;
    int status;
    char *reason; /* of REFUSED; else NULL */
    char *log;    /* the last part of the kernel's log */
    size_t nlog;
    int key; /* the last signal that was typed, or 0 */
};

/*
 * Talks with Cairn until the program has ended or something else has
 * happened. All output has been written when it returns.
 */
void relay_run(const struct machine *machine, const struct options *options,
               struct result *result);

/* ---- terminal.c ---- */

/* Decides whether the program gets a terminal, and which is ours. */
void terminal_find(enum terminal_option option);

/* Which streams of the program are its terminal: bit n for stream n. */
unsigned terminal_streams(void);

/* Where its keys come from, and where it is shown. */
int terminal_input(void);
int terminal_output(void);

/* Whether these are a terminal of the host. */
bool terminal_is_real(void);

/* From here on a signal that ends this process sets the terminal back. */
void terminal_guard(void);

/* Makes it raw, unless we are in the background; whether it is ours now. */
bool terminal_take(void);
bool terminal_is_raw(void);

/* Sets it back, unless it is not raw or we are in the background. */
void terminal_restore(void);

/* Stops this process as signal `signo` did the program, until SIGCONT. */
void terminal_stop(int signo);

/* Writes WELCOME but for its first number; the numbers of WINDOW. */
void terminal_put_welcome(unsigned char *welcome);
void terminal_put_window(unsigned char *numbers);

/* SIGINT or SIGQUIT if this is its key, else 0. */
int terminal_signal_key(unsigned char c);

/* ---- terminfo.c ---- */

/*
 * Finds the description of a terminal of this name, as curses would here:
 * its path, to be freed, and its name below /usr/share/terminfo, both NULL if
 * there is none.
 */
void terminfo_find(const char *name, char **path, char **entry);

/* ---- lab.c ---- */

/* Is the kernel asked to record or to spoil anything? */
bool lab_is_on(const struct options *options);

/* The words for the control file, or NULL. */
char *lab_words(const struct options *options);

/* Before and after a run; between them records are taken. */
void lab_begin(const struct options *options);
bool lab_take(const unsigned char *bytes, size_t nbytes);
void lab_end(const struct options *options);

/* ---- inject.c ---- */

/* A rule of the kernel for one of --inject; exits if it is none. */
char *inject_rule(const char *text);

/* The numbers of the calls of a set, with commas; NULL if there are none. */
char *inject_numbers(const char *set);

/* ---- core.c ---- */

/* Keep what belongs to a core; write the last process's, if there is one. */
bool core_take(const struct cairn_record *head, const unsigned char *body,
               const unsigned char *end);
void core_write(const char *path);
/* ---- shell.c ---- */

struct pack;

/* Whether a program or script has the name /bin/sh in it. */
bool shell_is_named_in(const char *path);

/* Adds /bin/sh of an image; false if that has none. */
bool shell_add(struct pack *pack, const char *image);

/* Says so if the program has looked for one in vain. */
void shell_tell_missing(const struct result *result);

/* ---- picture.c ---- */

/* Keep what the pictures show; draw physical memory, an address space. */
bool picture_take(const struct cairn_record *head, const unsigned char *body,
                  const unsigned char *end);
void picture_memory(const char *path);
void picture_space(const char *path, const char *program);

/* Say on stderr which area an address lies in, or which are its neighbours. */
void picture_explain(uint32_t address);

/* ---- crash.c ---- */

/*
 * Say on stderr how a program died that a signal has ended, and in which
 * functions and lines it was, as far as the log and the program tell.
 */
void crash_show(const struct options *options, const struct result *result);

/*
 * The same as data: "SIGSEGV at address 00000000: null pointer" into `what`,
 * and how many frames; 0 if the log has none.
 */
size_t crash_frames(const struct options *options, const struct result *result,
                    char *what, size_t size, uint32_t *frames, size_t most);

/* ---- main.c ---- */

/* Boots a machine and runs what the options say, to its end. */
void run_machine(const struct options *options, struct machine *machine,
                 struct result *result);

/* ---- sweep.c ---- */

/*
 * Runs the program again and again, with the first, second ... of its calls
 * failing, and prints what it did; the exit status.
 */
int sweep(const struct options *options);

/* ---- probes.c ---- */

/*
 * Finds malloc and the like in the program, for lab->probes; exits if there is
 * none and there must be. A copy of the program's bytes gets the breakpoints.
 */
void probes_find(struct options *options, bool must);
void probes_patch(const struct options *options, unsigned char *bytes,
                  size_t nbytes);

#endif
