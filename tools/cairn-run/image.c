/*
 * tools/cairn-run/image.c - the archive that carries the program into Cairn
 *
 * The program keeps its place: it lies in Cairn where it lies on the host, and
 * the working directory is the same, so that argv[0] and relative names mean
 * the same files on both sides (those that were taken along). Where that is
 * not possible, since the path is too long for the archive or belongs to
 * Cairn's own file systems, it is /run/program, and the directory is /.
 *
 * With --sysroot, what is below that folder has in Cairn the place that it has
 * there, and what programs and libraries need comes along (sysroot.c).
 *
 * With -c the archive begins with the image that Cairn is booted from, and what
 * runs is its shell; likewise with -i.
 *
 * What to run is in the file /.cairn/run (kernel/proc/runfile.h).
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include "pack.h"
#include "sysroot.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* Paths longer than this have no place in the archive. */
#define MAX_GUEST_PATH 200

#define FALLBACK_PROGRAM "/run/program"
#define SHELL            "/bin/sh"
#define LOGIN_SHELL      "/bin/ash"

/* ---- which file ---- */

static _Noreturn void cannot_run(const char *program, int error)
{
    die(error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_RUN,
        "%s: %s", program, strerror(error));
}

/* The absolute name of a host file, its directory free of links; or NULL. */
static char *absolute(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    char *dir = slash == NULL ? format(".")
                              : format("%.*s/", (int)(slash - path), path);
    char *real = realpath(dir, NULL);

    free(dir);
    if (real == NULL || strcmp(base, ".") == 0 || strcmp(base, "..") == 0 ||
        *base == '\0')
        return realpath(path, NULL);
    return format("%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
}

/* The path below the root of the system that `path` has, or NULL. */
static char *path_in_sysroot(const struct sysroot *sysroot, const char *path)
{
    char *full = sysroot != NULL ? absolute(path) : NULL;
    char *guest = full != NULL ? sysroot_guest_path(sysroot, full) : NULL;

    free(full);
    return guest;
}

/* The file that `path` means, since links of a system mean its own files. */
static char *real_file(const struct sysroot *sysroot, const char *path)
{
    char *guest = path_in_sysroot(sysroot, path);
    char *host = guest != NULL ? sysroot_host_path(sysroot, guest) : NULL;

    free(guest);
    return host != NULL ? host : format("%s", path);
}

/* 0 if the file could be executed, else why not. */
static int check_executable(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
        return EACCES;
    return access(path, R_OK) == 0 ? 0 : errno;
}

/*
 * A name without a slash is looked for in the working directory, then in the
 * folders for programs of the system, if there is one, and then in PATH.
 */
static char *find_program(const struct sysroot *sysroot, const char *name)
{
    const char *path = getenv("PATH");
    char *file = real_file(sysroot, name), *found = NULL;
    int error = *name != '\0' ? check_executable(file) : ENOENT;

    free(file);
    if (error == 0)
        return format("%s", name);
    if (sysroot != NULL && *name != '\0' && strchr(name, '/') == NULL)
        found = sysroot_find_program(sysroot, name);
    if (found != NULL)
        return found;
    if (strchr(name, '/') != NULL || error != ENOENT || path == NULL ||
        *name == '\0')
        cannot_run(name, error);
    while (*path != '\0') {
        const char *end = strchrnul(path, ':');
        char *candidate = format("%.*s/%s", (int)(end - path), path, name);

        if (end > path && check_executable(candidate) == 0)
            return candidate;
        free(candidate);
        path = *end == ':' ? end + 1 : end;
    }
    cannot_run(name, ENOENT);
}

char *image_find_program(const char *name)
{
    return find_program(NULL, name);
}

char *image_program(const char *name)
{
    char *path = find_program(NULL, name), *real = realpath(path, NULL);

    free(path);
    return real != NULL ? real : format("%s", name);
}

/* ---- where it goes ---- */

static bool is_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool is_possible(const char *path)
{
    return strlen(path) <= MAX_GUEST_PATH && !is_below(path, "/dev") &&
           !is_below(path, "/proc") && !is_below(path, "/.cairn");
}

/* The working directory in Cairn, and whether it is that of the host. */
static char *guest_cwd(bool *same)
{
    char *cwd = getcwd(NULL, 0);

    *same = cwd != NULL && *cwd == '/' && is_possible(cwd);
    return *same ? cwd : format("/");
}

static char *guest_program(const struct sysroot *sysroot, const char *path)
{
    char *guest = path_in_sysroot(sysroot, path);

    if (guest == NULL)
        guest = absolute(path);

    return guest != NULL && is_possible(guest) ? guest
                                               : format(FALLBACK_PROGRAM);
}

/* ---- the archive ---- */

static void check(int error, const char *what)
{
    if (error < 0)
        die(STATUS_FAILED, "%s: %s", what, strerror(-error));
}

static char *guest_name(const struct sysroot *sysroot,
                        const struct extra *extra, const char *cwd)
{
    char *path;

    if (extra->guest == NULL) {
        path = path_in_sysroot(sysroot, extra->host);
        if (path == NULL)
            path = absolute(extra->host);
        if (path == NULL)
            die(STATUS_FAILED, "%s: %s", extra->host, strerror(errno));
        return path;
    }
    return *extra->guest == '/' ? format("%s", extra->guest)
                                : format("%s/%s", cwd, extra->guest);
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_extra(struct pack *pack, struct sysroot *sysroot,
                      const struct extra *extra, const char *cwd)
{
    char *name = guest_name(sysroot, extra, cwd);
    char *file = real_file(sysroot, extra->host);
    int error;

    if (extra->is_dir || is_directory(file))
        error = pack_add_tree(pack, name, PACK_MODE_HOST, file);
    else
        error = pack_add_file(pack, name, PACK_MODE_HOST, file);
    check(error, extra->host);
    free(file);
    free(name);
}

/* Add what a file or the files of a directory need, when all is there. */
static void add_extra_needs(struct pack *pack, struct sysroot *sysroot,
                            const struct extra *extra, const char *cwd)
{
    char *name = guest_name(sysroot, extra, cwd);
    char *file = real_file(sysroot, extra->host);

    if (is_directory(file))
        sysroot_add_tree_needs(sysroot, pack, name, file);
    else
        sysroot_add_needs(sysroot, pack, name, file, true);
    free(file);
    free(name);
}

/* One record of the control file; an error of the stream shows at its end. */
static void record(FILE *out, const char *key, const char *value)
{
    fprintf(out, "%s=%s", key, value);
    putc('\0', out);
}

static bool is_overridden(const char *variable, const struct options *options)
{
    size_t n = strcspn(variable, "=");

    for (size_t i = 0; i < options->nenv; i++)
        if (strncmp(options->env[i], variable, n) == 0 &&
            options->env[i][n] == '=')
            return true;
    return false;
}

static void record_environment(FILE *out, const struct options *options)
{
    char **host = options->clear_env ? (char *[]){NULL} : environ;

    for (char **variable = host; *variable != NULL; variable++)
        if (!is_overridden(*variable, options))
            record(out, "env", *variable);
    for (size_t i = 0; i < options->nenv; i++)
        if (!is_overridden(options->env[i],
                           &(struct options){.env = options->env + i + 1,
                                             .nenv = options->nenv - i - 1}))
            record(out, "env", options->env[i]);
}

/*
 * The interpreter of a script, with its argument if it has one, as exec would
 * take them from the first line; NULL for a program.
 */
static char *interpreter_of(const char *host, char **argument)
{
    char line[256] = {0};
    FILE *file = fopen(host, "re");
    char *name, *rest;

    *argument = NULL;
    if (file == NULL)
        return NULL;
    if (fgets(line, sizeof(line), file) == NULL)
        *line = '\0';
    fclose(file);
    if (strncmp(line, "#!", 2) != 0)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    name = line + 2 + strspn(line + 2, " \t");
    rest = name + strcspn(name, " \t");
    if (*rest != '\0') {
        *rest++ = '\0';
        rest += strspn(rest, " \t");
        for (char *end = rest + strlen(rest);
             end > rest && strchr(" \t", end[-1]) != NULL;)
            *--end = '\0';
    }
    if (*name == '\0')
        return NULL;
    if (*rest != '\0')
        *argument = format("%s", rest);
    return format("%s", name);
}

static void add_runfile(struct pack *pack, const struct options *options,
                        const char *program, const char *host, const char *cwd)
{
    char *argument = NULL;
    char *interpreter = host != NULL ? interpreter_of(host, &argument) : NULL;
    char *bytes;
    size_t nbytes;
    FILE *out = open_memstream(&bytes, &nbytes);

    if (out == NULL)
        die(STATUS_FAILED, "out of memory");
    record(out, "path", interpreter != NULL ? interpreter : program);
    record(out, "cwd", cwd);
    if (options->lab.icount)
        record(out, "stdin", "/.cairn/stdin");
    if (lab_words(options) != NULL)
        record(out, "lab", lab_words(options));
    for (int i = 0; i < 3; i++)
        if (options->limits[i] != NULL)
            record(out, limit_names[i], options->limits[i]);
    if (interpreter != NULL) {
        record(out, "arg", interpreter);
        if (argument != NULL)
            record(out, "arg", argument);
    }
    for (char **arg = options->argv; *arg != NULL; arg++)
        record(out, "arg",
               interpreter != NULL && arg == options->argv ? program : *arg);
    record_environment(out, options);
    if (fclose(out) != 0)
        die(STATUS_FAILED, "out of memory");
    check(pack_add_bytes(pack, ".cairn/run", 0600, bytes, nbytes),
          "the control file");
    free(bytes);
    free(interpreter);
    free(argument);
}

/* All of stdin, as a file. */
static void add_input(struct pack *pack)
{
    char *bytes = NULL, buf[65536];
    size_t nbytes = 0;
    ssize_t n;

    while ((n = read(0, buf, sizeof(buf))) > 0) {
        bytes = realloc(bytes, nbytes + (size_t)n);
        if (bytes == NULL)
            die(STATUS_FAILED, "out of memory");
        memcpy(bytes + nbytes, buf, (size_t)n);
        nbytes += (size_t)n;
    }
    check(pack_add_bytes(pack, ".cairn/stdin", 0600, bytes, nbytes), "stdin");
    free(bytes);
}

/* The image, or NULL if there is none. */
static char *image_look(void)
{
    const char *other = getenv("CAIRN_INITRD");

    if (other != NULL && *other != '\0')
        return format("%s", other);
    return install_look("usr/lib/cairn/initrd.tar", "initrd.tar");
}

static char *image_path(void)
{
    char *path = image_look();

    return path != NULL
               ? path
               : install_find("usr/lib/cairn/initrd.tar", "initrd.tar");
}

/* The value that a variable will have in Cairn, or NULL. */
static const char *guest_variable(const struct options *options,
                                  const char *name)
{
    size_t n = strlen(name);

    for (size_t i = options->nenv; i-- > 0;)
        if (strncmp(options->env[i], name, n) == 0 && options->env[i][n] == '=')
            return options->env[i] + n + 1;
    return options->clear_env ? NULL : getenv(name);
}

/* The description of the terminal goes where curses looks for it in Cairn. */
static void add_terminfo(struct pack *pack, const struct options *options)
{
    const char *name = guest_variable(options, "TERM");
    char *path, *entry;

    if (terminal_streams() == 0 || name == NULL)
        return;
    terminfo_find(name, &path, &entry);
    if (path != NULL)
        check(pack_add_file(pack, entry, 0644, path), path);
    free(path);
    free(entry);
}

static void add_image(struct pack *pack)
{
    char *path = image_path();

    check(pack_add_archive(pack, path), path);
    free(path);
}

/* Adds the image's shell for a program that may run it. */
static void add_shell(struct pack *pack, const struct options *options,
                      const char *program)
{
    char *path;

    if (!options->shell && !shell_is_named_in(program))
        return;
    path = image_look();
    if ((path == NULL || !shell_add(pack, path)) && options->shell)
        die(STATUS_FAILED, "--shell: the image has no /bin/sh");
    free(path);
}

/* Adds a copy of the program with breakpoints: 0 or -errno. */
static int add_patched(struct pack *pack, const struct options *options,
                       const char *guest, const char *host)
{
    struct stat st;
    FILE *in = fopen(host, "rbe");
    unsigned char *bytes;
    int error;

    if (in == NULL || fstat(fileno(in), &st) != 0)
        return -errno;
    bytes = must_alloc((size_t)st.st_size + 1);
    error = fread(bytes, 1, (size_t)st.st_size, in) == (size_t)st.st_size
                ? 0
                : -EIO;
    fclose(in);
    probes_patch(options, bytes, (size_t)st.st_size);
    if (error == 0)
        error = pack_add_bytes(pack, guest, 0755, bytes, (size_t)st.st_size);
    free(bytes);
    return error;
}

/* Adds the program alone; its place in Cairn. */
static char *add_program(struct pack *pack, const struct options *options,
                         const struct sysroot *sysroot, char **file)
{
    const char *name = options->argv[0];
    char *host = find_program(sysroot, name);
    char *guest = guest_program(sysroot, host);
    int error;

    *file = real_file(sysroot, host);
    error = options->lab.probes != NULL
                ? add_patched(pack, options, guest, *file)
                : pack_add_file(pack, guest, PACK_MODE_HOST, *file);
    if (error < 0)
        cannot_run(name, -error);
    if (!options->image)
        add_shell(pack, options, *file);
    free(host);
    return guest;
}

/* The users and groups of the image, unless the caller has given others. */
static void add_users(struct pack *pack)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                       "nobody:x:65534:65534:nobody:/:/bin/sh\n"},
        {"etc/group", "root:x:0:\ntty:x:5:\nnobody:x:65534:\n"},
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        int error = pack_add_bytes(pack, files[i].name, 0644, files[i].text,
                                   strlen(files[i].text));

        if (error != -EEXIST)
            check(error, files[i].name);
    }
}

/* Add what the program and the other files need, where they do not bring it. */
static void add_needs(struct pack *pack, struct sysroot *sysroot,
                      const struct options *options, const char *guest,
                      const char *file, const char *cwd)
{
    if (file != NULL)
        sysroot_add_needs(sysroot, pack, guest, file, true);
    for (size_t i = 0; i < options->nextras; i++)
        add_extra_needs(pack, sysroot, &options->extras[i], cwd);
}

static void fill(FILE *out, const struct options *options)
{
    bool same;
    char *cwd = guest_cwd(&same), *guest, *file = NULL;
    struct sysroot *sysroot = NULL;
    struct pack *pack;

    if (options->sysroot != NULL)
        sysroot = sysroot_open(options->sysroot,
                               guest_variable(options, "LD_LIBRARY_PATH"));
    check(pack_open(out, pack_default_mtime(), &pack), "the archive");
    if (options->has_image || options->image)
        add_image(pack);
    if (options->has_image)
        guest = format(options->interactive ? LOGIN_SHELL : SHELL);
    else
        guest = add_program(pack, options, sysroot, &file);
    add_terminfo(pack, options);
    if (same && strcmp(cwd, "/") != 0)
        check(pack_add_dir(pack, cwd, 0755), "the working directory");
    for (size_t i = 0; i < options->nextras; i++)
        add_extra(pack, sysroot, &options->extras[i], cwd);
    if (!options->has_image)
        add_users(pack);
    if (sysroot != NULL)
        add_needs(pack, sysroot, options, guest, file, cwd);
    if (options->lab.icount)
        add_input(pack);
    add_runfile(pack, options, guest, file, cwd);
    check(pack_close(pack), "the archive");
    free(file);
    free(guest);
    free(cwd);
}

int image_make(const struct options *options)
{
    int fd = memfd_create("cairn-initrd", MFD_CLOEXEC);
    FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "wb");

    if (out == NULL)
        die(STATUS_FAILED, "no memory for the archive: %s", strerror(errno));
    fill(out, options);
    if (fclose(out) != 0)
        die(STATUS_FAILED, "the archive: %s", strerror(errno));
    return fd;
}
