/*
 * The next header of a message's ancillary data, or null: one that does not
 * fit into what is left is none.
 */
#include <sys/socket.h>

struct cmsghdr *__cmsg_next(struct msghdr *message, struct cmsghdr *header)
{
    unsigned char *end =
        (unsigned char *)message->msg_control + message->msg_controllen;
    size_t left = (size_t)(end - (unsigned char *)header);
    size_t step = __CMSG_ALIGN(header->cmsg_len);

    /* A length near the largest number is 0 when it is aligned. */
    if (header->cmsg_len < sizeof(*header) || header->cmsg_len > left ||
        step > left || left - step < sizeof(*header))
        return NULL;
    return (struct cmsghdr *)((unsigned char *)header + step);
}
