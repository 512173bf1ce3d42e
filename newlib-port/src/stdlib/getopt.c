/*
 * getopt, getopt_long, getopt_long_only: options of a command line.
 *
 * optind is the argument that comes next; cluster points at the next letter
 * within one argument ("-abc"), or is null between arguments.  A program may
 * set optind to 1, or to 0, before it reads another command line.
 *
 * getopt stops at the first argument that is no option, as POSIX wants it.  The
 * long forms move such arguments behind the options, unless the letters begin
 * with '+' or POSIXLY_CORRECT is set; with '-' they hand them out, as the
 * option 1.  A ':' first (or behind those) silences the messages and tells a
 * missing argument from an unknown option.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *optarg;
int optind = 1;
int opterr = 1;
int optopt;
int optreset;

static const char *cluster;
static int held; /* arguments before a cluster that move once it is used up */

enum order { PERMUTE, STOP, IN_ORDER };

static void complain(char *const argv[], const char *format, const char *name,
                     int length)
{
    fprintf(stderr, "%s: ", argv[0]);
    fprintf(stderr, format, length, name);
    putc('\n', stderr);
}

/* Whether messages are wanted. */
static int is_loud(const char *letters)
{
    return opterr != 0 && *letters != ':';
}

static void start(void)
{
    if (optind == 0 || optreset != 0) {
        optind = 1;
        optreset = 0;
        cluster = NULL;
        held = 0;
    }
}

static int is_option(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

/* The letter's argument: the rest of the cluster, or what comes next. */
static int take_argument(int argc, char *const argv[], const char *letters,
                         const char *found)
{
    int letter = (unsigned char)*found;

    optind++;
    if (*cluster != '\0') {
        optarg = (char *)cluster;
    } else if (found[2] != ':') {
        if (optind >= argc) {
            optopt = letter;
            cluster = NULL;
            if (is_loud(letters))
                complain(argv, "option requires an argument -- '%.*s'", found,
                         1);
            return *letters == ':' ? ':' : '?';
        }
        optarg = argv[optind++];
    }
    cluster = NULL;
    return letter;
}

/* The next letter of the cluster. */
static int short_option(int argc, char *const argv[], const char *letters)
{
    const char *place = cluster++;
    const char *found = *place != ':' ? strchr(letters, *place) : NULL;

    optarg = NULL;
    if (found != NULL && found[1] == ':')
        return take_argument(argc, argv, letters, found);
    if (*cluster == '\0') {
        cluster = NULL;
        optind++;
    }
    if (found != NULL)
        return (unsigned char)*place;
    optopt = (unsigned char)*place;
    if (is_loud(letters))
        complain(argv, "invalid option -- '%.*s'", place, 1);
    return '?';
}

static int mean_the_same(const struct option *a, const struct option *b)
{
    return a->has_arg == b->has_arg && a->flag == b->flag && a->val == b->val;
}

/* The option of that name, or one that begins so; -1, or -2 if there are
 * several that mean different things. */
static int find_long(const struct option *longs, const char *name,
                     size_t length)
{
    int found = -1;

    for (int i = 0; longs[i].name != NULL; i++) {
        if (strncmp(longs[i].name, name, length) != 0)
            continue;
        if (longs[i].name[length] == '\0')
            return i;
        if (found == -1)
            found = i;
        else if (found >= 0 && !mean_the_same(&longs[found], &longs[i]))
            found = -2;
    }
    return found;
}

static int long_argument(int argc, char *const argv[], const char *letters,
                         const struct option *option, char *value)
{
    if (value != NULL && option->has_arg == no_argument) {
        optopt = option->val;
        if (is_loud(letters))
            complain(argv, "option '--%.*s' doesn't allow an argument",
                     option->name, (int)strlen(option->name));
        return '?';
    }
    if (value == NULL && option->has_arg == required_argument) {
        if (optind >= argc) {
            optopt = option->val;
            if (is_loud(letters))
                complain(argv, "option '--%.*s' requires an argument",
                         option->name, (int)strlen(option->name));
            return *letters == ':' ? ':' : '?';
        }
        value = argv[optind++];
    }
    optarg = value;
    return 0;
}

/* argv[optind] is a long option, its name at name. */
static int long_option(int argc, char *const argv[], const char *letters,
                       const struct option *longs, int *index, const char *name)
{
    size_t length = strcspn(name, "=");
    int found = find_long(longs, name, length);
    int error;

    optarg = NULL;
    optind++;
    if (found < 0) {
        optopt = 0;
        if (is_loud(letters))
            complain(argv,
                     found == -1 ? "unrecognized option '--%.*s'"
                                 : "option '--%.*s' is ambiguous",
                     name, (int)length);
        return '?';
    }
    error =
        long_argument(argc, argv, letters, &longs[found],
                      name[length] == '=' ? (char *)name + length + 1 : NULL);
    if (error != 0)
        return error;
    if (index != NULL)
        *index = found;
    if (longs[found].flag == NULL)
        return longs[found].val;
    *longs[found].flag = longs[found].val;
    return 0;
}

/* Any option at argv[optind]; -1 at "--". */
static int next_option(int argc, char *const argv[], const char *letters,
                       const struct option *longs, int *index, int only)
{
    const char *arg = argv[optind];

    if (cluster == NULL && strcmp(arg, "--") == 0) {
        optind++;
        return -1;
    }
    if (cluster == NULL && longs != NULL) {
        if (arg[1] == '-')
            return long_option(argc, argv, letters, longs, index, arg + 2);
        if (only && (arg[2] != '\0' || strchr(letters, arg[1]) == NULL) &&
            (find_long(longs, arg + 1, strcspn(arg + 1, "=")) >= 0 ||
             strchr(letters, arg[1]) == NULL))
            return long_option(argc, argv, letters, longs, index, arg + 1);
    }
    if (cluster == NULL)
        cluster = arg + 1;
    return short_option(argc, argv, letters);
}

/* Move argv[from..to) before the arguments that begin at place. */
static void move_back(char **argv, int place, int from, int to)
{
    for (; from < to; from++, place++) {
        char *moved = argv[from];

        memmove(argv + place + 1, argv + place,
                (size_t)(from - place) * sizeof(*argv));
        argv[place] = moved;
    }
}

static int parse(int argc, char *const argv[], const char *letters,
                 const struct option *longs, int *index, int only,
                 enum order order)
{
    int skipped;
    int found;
    int result;

    start();
    skipped = found = optind;
    if (cluster != NULL) {
        skipped -= held;
    } else {
        if (order == PERMUTE) {
            while (found < argc && !is_option(argv[found]))
                found++;
        }
        if (found >= argc || argv[found] == NULL)
            return -1;
        if (!is_option(argv[found])) {
            if (order != IN_ORDER)
                return -1;
            optarg = argv[optind++];
            return 1;
        }
    }
    optind = found;
    result = next_option(argc, argv, letters, longs, index, only);
    /* The last letter of a cluster may take the argument that follows it. */
    held = cluster != NULL ? found - skipped : 0;
    if (cluster == NULL && found > skipped) {
        move_back((char **)argv, skipped, found, optind);
        optind = skipped + (optind - found);
    }
    return result;
}

static enum order order_of(const char **letters)
{
    if (**letters == '+' || **letters == '-')
        return *(*letters)++ == '+' ? STOP : IN_ORDER;
    return getenv("POSIXLY_CORRECT") != NULL ? STOP : PERMUTE;
}

int getopt(int argc, char *const argv[], const char *letters)
{
    enum order order = STOP;

    if (*letters == '+' || *letters == '-')
        order = order_of(&letters);
    return parse(argc, argv, letters, NULL, NULL, 0, order);
}

int getopt_long(int argc, char *const argv[], const char *letters,
                const struct option *longs, int *index)
{
    enum order order = order_of(&letters);

    return parse(argc, argv, letters, longs, index, 0, order);
}

int getopt_long_only(int argc, char *const argv[], const char *letters,
                     const struct option *longs, int *index)
{
    enum order order = order_of(&letters);

    return parse(argc, argv, letters, longs, index, 1, order);
}
