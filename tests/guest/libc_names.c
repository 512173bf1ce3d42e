/*
 * Internet addresses as text, names that are numbers, tables of mounts, the
 * log of an operator; and sockets, of which there are none.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <mntent.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "tap.h"

static char table[] = "/tmp/libc_names_XXXXXX";

static int is_v4(const char *text, unsigned wanted)
{
    struct in_addr address = {0};

    return inet_aton(text, &address) && ntohl(address.s_addr) == wanted;
}

/* What an IPv6 address becomes when it is read and written again. */
static const char *again(const char *text)
{
    static char buffer[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (inet_pton(AF_INET6, text, &address) != 1)
        return "none";
    return inet_ntop(AF_INET6, &address, buffer, sizeof(buffer));
}

static void test_v4(void)
{
    struct in_addr address;
    char text[INET_ADDRSTRLEN];

    EQUAL(htonl(0x01020304), 0x04030201);
    EQUAL(ntohs(0x0102), 0x0201);
    CHECK(is_v4("127.0.0.1", 0x7f000001));
    CHECK(is_v4("1.2.259", 0x01020103));
    CHECK(is_v4("0x10.1", 0x10000001));
    CHECK(is_v4("4294967295", 0xffffffff));
    CHECK(is_v4("010.0.0.1 rest", 0x08000001));
    CHECK(!is_v4("", 0) && !is_v4("1.2.3.4.5", 0) && !is_v4("1.2.3.256", 0));
    CHECK(!is_v4("256.1", 0) && !is_v4("1.x", 0) && !is_v4("-1", 0));
    EQUAL(inet_addr("10.0.0.300"), INADDR_NONE);
    EQUAL(inet_pton(AF_INET, "192.168.0.255", &address), 1);
    CHECK(strcmp(inet_ntoa(address), "192.168.0.255") == 0);
    EQUAL(inet_pton(AF_INET, "1.2.3", &address), 0);
    EQUAL(inet_pton(AF_INET, "1.2.3.04", &address), 0);
    EQUAL(inet_pton(AF_INET, "1.2.3.4.", &address), 0);
    FAILS(inet_pton(99, "1.2.3.4", &address), EAFNOSUPPORT);
    CHECK(inet_ntop(AF_INET, &address, text, 13) == NULL && errno == ENOSPC);
    CHECK(inet_ntop(AF_INET, &address, text, 14) == text);
}

static void test_v6(void)
{
    CHECK(strcmp(again("::"), "::") == 0);
    CHECK(strcmp(again("::1"), "::1") == 0);
    CHECK(strcmp(again("1::"), "1::") == 0);
    CHECK(strcmp(again("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8") == 0);
    CHECK(strcmp(again("FE80:0:0:1:0:0:0:Ab"), "fe80:0:0:1::ab") == 0);
    CHECK(strcmp(again("1:0:0:2:0:0:3:4"), "1::2:0:0:3:4") == 0);
    CHECK(strcmp(again("0:1:0:3:4:5:6:7"), "0:1:0:3:4:5:6:7") == 0);
    CHECK(strcmp(again("::ffff:10.1.2.3"), "::ffff:10.1.2.3") == 0);
    CHECK(strcmp(again("::10.1.2.3"), "::10.1.2.3") == 0);
    CHECK(strcmp(again("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304") == 0);
    CHECK(strcmp(again("1:2:3:4:5:6:7"), "none") == 0);
    CHECK(strcmp(again("1:2:3:4:5:6:7:8:9"), "none") == 0);
    CHECK(strcmp(again("1::2::3"), "none") == 0);
    CHECK(strcmp(again(":::"), "none") == 0);
    CHECK(strcmp(again(":1"), "none") == 0);
    CHECK(strcmp(again("1:2:3:4:5:6:7:"), "none") == 0);
    CHECK(strcmp(again("12345::"), "none") == 0);
    CHECK(strcmp(again("1:2:3:4:5:6:7:1.2.3.4"), "none") == 0);
    CHECK(strcmp(again("::1.2.3"), "none") == 0);
    CHECK(strcmp(again(""), "none") == 0);
}

static void test_numbers_as_names(void)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *info;
    char host[40], service[8];

    EQUAL(getaddrinfo("10.0.0.1", "80", &hints, &info), 0);
    EQUAL(info->ai_family, AF_INET);
    EQUAL(info->ai_addrlen, sizeof(struct sockaddr_in));
    EQUAL(getnameinfo(info->ai_addr, info->ai_addrlen, host, sizeof(host),
                      service, sizeof(service),
                      NI_NUMERICHOST | NI_NUMERICSERV),
          0);
    CHECK(strcmp(host, "10.0.0.1") == 0 && strcmp(service, "80") == 0);
    freeaddrinfo(info);
    EQUAL(getaddrinfo("::1", "65535", &hints, &info), 0);
    EQUAL(info->ai_family, AF_INET6);
    freeaddrinfo(info);
    EQUAL(getaddrinfo("no.such.name", "1", &hints, &info), EAI_NONAME);
    EQUAL(getaddrinfo(NULL, NULL, &hints, &info), EAI_NONAME);
    CHECK(strlen(gai_strerror(EAI_NONAME)) > 0);
    CHECK(gethostbyname("no.such.name") == NULL && h_errno != 0);
    EQUAL(if_nametoindex("no such"), 0);
}

static void test_no_sockets(void)
{
    struct msghdr message = {0};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(8) + CMSG_SPACE(4)];
    } control = {.header.cmsg_len = CMSG_LEN(8)};
    struct cmsghdr *second;
    int pair[2];

    message.msg_control = &control;
    message.msg_controllen = sizeof(control.room);
    second = CMSG_NXTHDR(&message, CMSG_FIRSTHDR(&message));
    CHECK((char *)second == control.room + CMSG_SPACE(8));
    second->cmsg_len = CMSG_LEN(4);
    CHECK(CMSG_NXTHDR(&message, second) == NULL);
    if (!is_cairn())
        return;
    FAILS(socket(AF_INET, SOCK_STREAM, 0), ENOSYS);
    FAILS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ENOSYS);
    FAILS(send(1, "x", 1, 0), ENOSYS);
    FAILS(sockatmark(0), ENOTTY);
}

static void test_mounts(void)
{
    static const struct mntent added = {"no\tdev",   "/a b", "x\\y",
                                        "rw,size=1", 3,      4};
    struct mntent *entry;
    int fd, nroots = 0;
    FILE *file;

    mkdir("/tmp", 01777);
    fd = mkstemp(table);
    CHECK(fd >= 0);
    EQUAL(write(fd, "# none\n\nproc /proc proc\n", 24), 24);
    close(fd);
    file = setmntent(table, "r+");
    CHECK(file != NULL);
    EQUAL(addmntent(file, &added), 0);
    rewind(file);
    entry = getmntent(file);
    CHECK(entry != NULL && strcmp(entry->mnt_dir, "/proc") == 0);
    CHECK(strcmp(entry->mnt_opts, "") == 0 && entry->mnt_freq == 0);
    entry = getmntent(file);
    CHECK(entry != NULL && strcmp(entry->mnt_fsname, "no\tdev") == 0);
    CHECK(strcmp(entry->mnt_dir, "/a b") == 0);
    CHECK(strcmp(entry->mnt_type, "x\\y") == 0);
    CHECK(entry->mnt_freq == 3 && entry->mnt_passno == 4);
    CHECK(hasmntopt(entry, "size") == entry->mnt_opts + 3);
    CHECK(hasmntopt(entry, "rw") == entry->mnt_opts);
    CHECK(hasmntopt(entry, "siz") == NULL && hasmntopt(entry, "w") == NULL);
    CHECK(getmntent(file) == NULL);
    EQUAL(endmntent(file), 1);
    unlink(table);
    file = setmntent(MOUNTED, "r");
    CHECK(file != NULL);
    while ((entry = getmntent(file)) != NULL)
        nroots += strcmp(entry->mnt_dir, "/") == 0;
    CHECK(nroots >= 1);
    endmntent(file);
}

/* With LOG_PERROR a message is on stderr, which is a pipe here. */
static void test_syslog(void)
{
    char line[200];
    ssize_t n;
    int p[2];
    int old = dup(2);

    EQUAL(pipe(p), 0);
    dup2(p[1], 2);
    openlog("names", LOG_PERROR, LOG_USER);
    EQUAL(setlogmask(LOG_UPTO(LOG_INFO)), 0xff);
    errno = ENOENT;
    syslog(LOG_DEBUG, "not said");
    syslog(LOG_ERR, "%d%% of %s: %m", 7, "all");
    dup2(old, 2);
    close(p[1]);
    n = read(p[0], line, sizeof(line) - 1);
    line[n > 0 ? n : 0] = '\0';
    snprintf(line + 100, 100, "names: 7%% of all: %s\n", strerror(ENOENT));
    CHECK(strcmp(line, line + 100) == 0);
    closelog();
    close(p[0]);
}

int main(void)
{
    EQUAL(_IOW(0x94, 9, int), 0x40049409);
    EQUAL(_IOR('a', 1, char[300]), 0x812c6101);
    CHECK(MS_REMOUNT == 32 && MS_BIND == 4096);
    test_v4();
    test_v6();
    test_numbers_as_names();
    test_no_sockets();
    test_mounts();
    test_syslog();
    return tap_done();
}
