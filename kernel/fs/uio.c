/*
 * Moving bytes between the kernel and the buffers of a read or write.
 *
 * The common case, one user buffer that holds it all, is checked first; what is
 * slow is in functions of its own, whose registers it then need not save.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "fs/uio.h"

/* Move forward within the current buffer; at its end, to the next one. */
static void advance(struct uio *uio, size_t nbytes)
{
    uio->first -= nbytes;
    uio->resid -= nbytes;
    uio->user += (uaddr_t)nbytes;
    if (uio->kernel != NULL)
        uio->kernel += nbytes;
    while (uio->first == 0 && uio->resid > 0) {
        uio->user = uio->next->base;
        uio->first = uio->next->nbytes;
        if (uio->first > uio->resid)
            uio->first = uio->resid;
        uio->next++;
    }
}

void uio_init_vector(struct uio *uio, const struct uio_segment *vector,
                     size_t n)
{
    uint64_t total = 0;

    uio_init_user(uio, vector[0].base, vector[0].nbytes);
    uio->next = vector + 1;
    for (size_t i = 0; i < n; i++)
        total += vector[i].nbytes;
    uio->resid = total < UIO_MAX ? (size_t)total : UIO_MAX;
    if (uio->first == 0)
        uio_skip(uio, 0);
}

void uio_skip(struct uio *uio, size_t nbytes)
{
    while (nbytes > uio->first) {
        size_t part = uio->first;

        advance(uio, part);
        nbytes -= part;
    }
    advance(uio, nbytes);
}

/* Whether a transfer stays within the current buffer, and that is a user's. */
static bool is_simple(const struct uio *uio, size_t nbytes)
{
    return likely(nbytes <= uio->first && uio->kernel == NULL);
}

/* Note what one step moved of `part` bytes; false ends the transfer. */
static inline bool step_done(struct uio *uio, size_t part, size_t moved)
{
    uio->first -= moved;
    uio->resid -= moved;
    uio->user += (uaddr_t)moved;
    if (unlikely(moved != part)) {
        uio->fault = true;
        return false;
    }
    if (unlikely(uio->first == 0 && uio->resid > 0))
        uio_skip(uio, 0);
    return true;
}

/* The bytes of one step: what is left to do, within one buffer. */
static size_t step_size(const struct uio *uio, size_t todo)
{
    return todo < uio->first ? todo : uio->first;
}

/* What a transfer does with each piece. */
enum piece {
    COPY_IN,  /* from the buffers of the uio */
    COPY_OUT, /* to them */
    ZERO_OUT, /* zeros to them */
};

/* Do one piece, which is within one buffer; return how many bytes it moved. */
static size_t move_piece(const struct uio *uio, enum piece what, char *mine,
                         size_t nbytes)
{
    if (what == COPY_IN) {
        if (uio->kernel == NULL)
            return copy_from_user_some(mine, uio->user, nbytes);
        memcpy(mine, uio->kernel, nbytes);
    } else if (what == COPY_OUT) {
        if (uio->kernel == NULL)
            return copy_to_user_some(uio->user, mine, nbytes);
        memcpy(uio->kernel, mine, nbytes);
    } else {
        if (uio->kernel == NULL)
            return zero_user_some(uio->user, nbytes);
        memset(uio->kernel, 0, nbytes);
    }
    return nbytes;
}

/* Move over several buffers, or the kernel's own; `mine` is the other side. */
static never_inline size_t move_slowly(struct uio *uio, enum piece what,
                                       char *mine, size_t nbytes)
{
    size_t done = 0;

    while (done < nbytes) {
        size_t part = step_size(uio, nbytes - done);
        size_t moved =
            move_piece(uio, what, mine != NULL ? mine + done : NULL, part);

        done += moved;
        uio_skip(uio, moved);
        if (moved != part) {
            uio->fault = true;
            break;
        }
    }
    return done;
}

size_t uio_copy_in(struct uio *uio, void *dst, size_t nbytes)
{
    size_t moved;

    if (nbytes > uio->resid)
        nbytes = uio->resid;
    if (!is_simple(uio, nbytes))
        return move_slowly(uio, COPY_IN, dst, nbytes);
    moved = copy_from_user_some(dst, uio->user, nbytes);
    step_done(uio, nbytes, moved);
    return moved;
}

size_t uio_copy_out(struct uio *uio, const void *src, size_t nbytes)
{
    size_t moved;

    if (nbytes > uio->resid)
        nbytes = uio->resid;
    if (!is_simple(uio, nbytes))
        return move_slowly(uio, COPY_OUT, (char *)src, nbytes);
    moved = copy_to_user_some(uio->user, src, nbytes);
    step_done(uio, nbytes, moved);
    return moved;
}

size_t uio_zero_out(struct uio *uio, size_t nbytes)
{
    size_t moved;

    if (nbytes > uio->resid)
        nbytes = uio->resid;
    if (!is_simple(uio, nbytes))
        return move_slowly(uio, ZERO_OUT, NULL, nbytes);
    moved = zero_user_some(uio->user, nbytes);
    step_done(uio, nbytes, moved);
    return moved;
}
