/*
 * Loading programs: args.c collects the arguments, load.c builds the address
 * space, exec.c starts it.
 */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include "fs/path.h"
#include "lib/types.h"
#include "mm/space.h"

/*
 * Limits of execve (Linux): one string; and all of them with their pointers,
 * which is a quarter of the stack limit, between these two.
 */
#define EXEC_STRING_MAX (128u * 1024)
#define EXEC_ARGS_MIN   (128u * 1024)
#define EXEC_ARGS_MAX   (2u * 1024 * 1024)

/*
 * Arguments and environment on their way from the old address space to the new
 * one: all strings behind each other, in pages that belong to the kernel.
 */
struct exec_args {
    uint32_t argc, envc;
    size_t nbytes; /* of all strings with their NULs */
    size_t npages; /* in use */
    size_t room;   /* pointers that `pages` has room for */
    char **pages;
    size_t limit; /* of all strings and their pointers */
};

/* An empty set for a process with this stack limit, in bytes. */
void exec_args_init(struct exec_args *args, uint32_t stack_limit);

/* Free the strings; the set is empty then. */
void exec_args_free(struct exec_args *args);

/*
 * Append a string of the kernel's. Arguments come first, then the environment.
 * -E2BIG, -ENOMEM.
 */
int exec_args_add(struct exec_args *args, const char *string,
                  bool is_env) must_check;

/* The same for a string of the user's: also -EFAULT. */
int exec_args_add_user(struct exec_args *args, uint32_t string,
                       bool is_env) must_check;

/* A program ready to start. */
struct exec_image {
    struct space *space; /* one reference of the caller's */
    uint32_t entry, esp;
    bool hidden; /* its interpreter is a file that the caller cannot read */
    vaddr_t arg_start, arg_end, env_start, env_end;
};

/*
 * Build an address space with the program of `file` (open for reading, checked
 * to be executable), its interpreter if it names one, and its start stack
 * (System V ABI i386, 3-28). `exec_name` is the path for AT_EXECFN. Nothing is
 * changed on an error: -ENOEXEC, -E2BIG, -ENOMEM, -EIO; -ELIBBAD, or what
 * opening it says, for the interpreter.
 */
int exec_load(struct file *file, const char *exec_name,
              const struct exec_args *args, const struct creds *creds,
              const struct space_limits *limits,
              struct exec_image *image) must_check;

/*
 * Set the current thread's user registers, segments and floating point state
 * to those that a program starts with.
 */
void exec_set_registers(const struct exec_image *image);

/* Why the last program could not be loaded, in words; empty: no more to say. */
#define EXEC_PROBLEM 160
extern char exec_problem[EXEC_PROBLEM];

/* Addresses are fixed, not random (kernel option norandom). */
extern bool exec_norandom;

#endif
