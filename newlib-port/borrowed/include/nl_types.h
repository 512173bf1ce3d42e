/*
 * Message catalogues.
 */
#ifndef _NL_TYPES_H
#define _NL_TYPES_H

#include <sys/cdefs.h>
#include <sys/_types.h>

#define NL_SETD       1
#define NL_CAT_LOCALE 1

#ifndef _NL_ITEM_DECLARED
typedef __nl_item nl_item;
#    define _NL_ITEM_DECLARED
#endif
typedef void *nl_catd;

__BEGIN_DECLS

nl_catd catopen(const char *, int);
char *catgets(nl_catd, int, int, const char *);
int catclose(nl_catd);

__END_DECLS

#endif
