/*
 * Names of hosts and services, none of which is known here: there is no server to
 * ask.  Numbers are understood.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int h_errno;

struct hostent *gethostbyname(const char *name)
{
    (void)name;
    h_errno = NO_RECOVERY;
    return NULL;
}

struct hostent *gethostbyaddr(const void *address, socklen_t length, int family)
{
    (void)address;
    (void)length;
    (void)family;
    h_errno = NO_RECOVERY;
    return NULL;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
    (void)name;
    (void)protocol;
    return NULL;
}

struct servent *getservbyport(int port, const char *protocol)
{
    (void)port;
    (void)protocol;
    return NULL;
}

const char *hstrerror(int number)
{
    switch (number) {
    case 0:
        return "No error";
    case HOST_NOT_FOUND:
        return "Unknown host";
    case TRY_AGAIN:
        return "Name server does not answer";
    case NO_RECOVERY:
        return "There is no name server";
    case NO_DATA:
        return "Host has no address";
    default:
        return "Unknown error of a name server";
    }
}

void herror(const char *what)
{
    if (what != NULL && *what != '\0')
        fprintf(stderr, "%s: ", what);
    fprintf(stderr, "%s\n", hstrerror(h_errno));
}

/* A port of digits in network order; -1 if the text is none. */
static int parse_port(const char *text, in_port_t *port)
{
    char *end;
    unsigned long n;

    if (text == NULL) {
        *port = 0;
        return 0;
    }
    n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || n > 65535)
        return -1;
    *port = htons((in_port_t)n);
    return 0;
}

/* Fill in an address of digits; -1 if the text is none of the family. */
static int parse_host(const char *text, int family, int passive, in_port_t port,
                      struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

    memset(address, 0, sizeof(*address));
    v4->sin_port = port; /* lies at the same place in v6 */
    if (text == NULL) {
        v4->sin_family = family == AF_INET6 ? AF_INET6 : AF_INET;
        if (family == AF_INET6)
            v6->sin6_addr.s6_addr[15] = !passive;
        else
            v4->sin_addr.s_addr = htonl(passive ? INADDR_ANY : INADDR_LOOPBACK);
        return 0;
    }
    if (family != AF_INET6 && strpbrk(text, " \t\n\v\f\r") == NULL &&
        inet_aton(text, &v4->sin_addr)) {
        v4->sin_family = AF_INET;
        return 0;
    }
    if (family != AF_INET && inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        return 0;
    }
    return -1;
}

#define KNOWN_FLAGS                                                \
    (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV | \
     AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG)

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints,
                struct addrinfo **restrict result)
{
    static const struct addrinfo none;
    struct sockaddr_storage address;
    struct addrinfo *info;
    size_t name_bytes = 0;
    in_port_t port;

    if (hints == NULL)
        hints = &none;
    if ((hints->ai_flags & ~KNOWN_FLAGS) ||
        ((hints->ai_flags & AI_CANONNAME) && node == NULL))
        return EAI_BADFLAGS;
    if (hints->ai_socktype < 0 || hints->ai_socktype > SOCK_SEQPACKET)
        return EAI_SOCKTYPE;
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET &&
        hints->ai_family != AF_INET6)
        return EAI_FAMILY;
    if (node == NULL && service == NULL)
        return EAI_NONAME;
    if (parse_port(service, &port) < 0)
        return EAI_SERVICE;
    if (parse_host(node, hints->ai_family, hints->ai_flags & AI_PASSIVE, port,
                   &address) < 0)
        return EAI_NONAME;
    if (hints->ai_flags & AI_CANONNAME)
        name_bytes = strlen(node) + 1;
    info = calloc(1, sizeof(*info) + sizeof(address) + name_bytes);
    if (info == NULL)
        return EAI_MEMORY;
    info->ai_family = address.ss_family;
    info->ai_socktype = hints->ai_socktype;
    info->ai_protocol = hints->ai_protocol;
    info->ai_addrlen = address.ss_family == AF_INET
                           ? sizeof(struct sockaddr_in)
                           : sizeof(struct sockaddr_in6);
    info->ai_addr = memcpy(info + 1, &address, sizeof(address));
    if (name_bytes > 0)
        info->ai_canonname =
            memcpy((char *)(info + 1) + sizeof(address), node, name_bytes);
    *result = info;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    free(info);
}

int getnameinfo(const struct sockaddr *restrict address, socklen_t length,
                char *restrict host, socklen_t host_room,
                char *restrict service, socklen_t service_room, int flags)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    int is_v4 = address->sa_family == AF_INET;

    if ((!is_v4 && address->sa_family != AF_INET6) ||
        length < (is_v4 ? sizeof(*v4) : sizeof(*v6)))
        return EAI_FAMILY;
    if (flags & NI_NAMEREQD)
        return EAI_NONAME;
    if (host != NULL && host_room > 0 &&
        inet_ntop(address->sa_family,
                  is_v4 ? (const void *)&v4->sin_addr
                        : (const void *)&v6->sin6_addr,
                  host, host_room) == NULL)
        return EAI_OVERFLOW;
    if (service != NULL && service_room > 0 &&
        snprintf(service, service_room, "%u", ntohs(v4->sin_port)) >=
            (int)service_room)
        return EAI_OVERFLOW;
    return 0;
}

const char *gai_strerror(int number)
{
    switch (number) {
    case EAI_BADFLAGS:
        return "Bad flags";
    case EAI_NONAME:
        return "Name is not known";
    case EAI_AGAIN:
        return "Name server does not answer";
    case EAI_FAIL:
        return "Name server failed";
    case EAI_FAMILY:
        return "Family of addresses is not supported";
    case EAI_SOCKTYPE:
        return "Type of socket is not supported";
    case EAI_SERVICE:
        return "Service is not known";
    case EAI_MEMORY:
        return "Out of memory";
    case EAI_SYSTEM:
        return strerror(errno);
    case EAI_OVERFLOW:
        return "Buffer is too short";
    default:
        return "Unknown error of a name server";
    }
}
