/*
 * gettext and its family.  The locales C and C.UTF-8 have no translations: every
 * message is its own, in the form that English has for its number.  Domains are
 * remembered, so that a program can ask for them.
 *
 * Errors: ENOMEM, EINVAL.
 */
#include <errno.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>

static char default_domain[] = "messages";
static char *domain = default_domain;

/* The folder and character set of a domain. */
struct binding {
    struct binding *next;
    char *folder;
    char *codeset;
    char name[];
};

static struct binding *bindings;

char *textdomain(const char *name)
{
    char *copy;

    if (name == NULL)
        return domain;
    copy = *name == '\0' ? default_domain : strdup(name);
    if (copy == NULL)
        return NULL;
    if (domain != default_domain)
        free(domain);
    return domain = copy;
}

static struct binding *find(const char *name, int makes)
{
    struct binding *b;

    for (b = bindings; b != NULL; b = b->next)
        if (strcmp(b->name, name) == 0)
            return b;
    if (!makes)
        return NULL;
    b = calloc(1, sizeof(*b) + strlen(name) + 1);
    if (b != NULL) {
        strcpy(b->name, name);
        b->next = bindings;
        bindings = b;
    }
    return b;
}

/* Set a text of a domain, unless `value` is NULL; return it. */
static char *change(const char *name, const char *value, int is_codeset)
{
    struct binding *b;
    char **field;
    char *copy;

    if (name == NULL || *name == '\0') {
        errno = EINVAL;
        return NULL;
    }
    b = find(name, value != NULL);
    if (b == NULL)
        return NULL;
    field = is_codeset ? &b->codeset : &b->folder;
    if (value == NULL)
        return *field;
    copy = strdup(value);
    if (copy == NULL)
        return NULL;
    free(*field);
    return *field = copy;
}

char *bindtextdomain(const char *name, const char *folder)
{
    char *result = change(name, folder, 0);

    if (result == NULL && folder == NULL && name != NULL && *name != '\0')
        return (char *)"/usr/share/locale";
    return result;
}

char *bind_textdomain_codeset(const char *name, const char *codeset)
{
    return change(name, codeset, 1);
}

char *dcgettext(const char *name, const char *text, int category)
{
    (void)name;
    (void)category;
    return (char *)text;
}

char *dgettext(const char *name, const char *text)
{
    (void)name;
    return (char *)text;
}

char *gettext(const char *text)
{
    return (char *)text;
}

char *dcngettext(const char *name, const char *one, const char *many,
                 unsigned long n, int category)
{
    (void)name;
    (void)category;
    return (char *)(n == 1 ? one : many);
}

char *dngettext(const char *name, const char *one, const char *many,
                unsigned long n)
{
    (void)name;
    return (char *)(n == 1 ? one : many);
}

char *ngettext(const char *one, const char *many, unsigned long n)
{
    return (char *)(n == 1 ? one : many);
}
