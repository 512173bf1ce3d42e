/*
 * Error numbers: those of Linux i386.  A system call returns them negated.
 */
#ifndef _CAIRN_ERRNO_H
#define _CAIRN_ERRNO_H

#define EPERM           1   /* Operation not permitted */
#define ENOENT          2   /* No such file or directory */
#define ESRCH           3   /* No such process */
#define EINTR           4   /* Interrupted by a signal */
#define EIO             5   /* Input/output error */
#define ENXIO           6   /* No such device or address */
#define E2BIG           7   /* Argument list too long */
#define ENOEXEC         8   /* Not an executable format */
#define EBADF           9   /* Bad file descriptor */
#define ECHILD          10  /* No child processes */
#define EAGAIN          11  /* Try again later */
#define ENOMEM          12  /* Not enough memory */
#define EACCES          13  /* Permission denied */
#define EFAULT          14  /* Bad address */
#define ENOTBLK         15  /* Block device required */
#define EBUSY           16  /* Device or resource busy */
#define EEXIST          17  /* File exists */
#define EXDEV           18  /* Link across file systems */
#define ENODEV          19  /* No such device */
#define ENOTDIR         20  /* Not a directory */
#define EISDIR          21  /* Is a directory */
#define EINVAL          22  /* Invalid argument */
#define ENFILE          23  /* Too many open files in system */
#define EMFILE          24  /* Too many open files */
#define ENOTTY          25  /* Not a terminal */
#define ETXTBSY         26  /* Text file busy */
#define EFBIG           27  /* File too large */
#define ENOSPC          28  /* No space left */
#define ESPIPE          29  /* Illegal seek */
#define EROFS           30  /* Read-only file system */
#define EMLINK          31  /* Too many links */
#define EPIPE           32  /* Broken pipe */
#define EDOM            33  /* Argument out of domain */
#define ERANGE          34  /* Result out of range */
#define EDEADLK         35  /* Deadlock avoided */
#define ENAMETOOLONG    36  /* File name too long */
#define ENOLCK          37  /* No locks available */
#define ENOSYS          38  /* Function not implemented */
#define ENOTEMPTY       39  /* Directory not empty */
#define ELOOP           40  /* Too many symbolic links */
#define ENOMSG          42  /* No message of that type */
#define EIDRM           43  /* Identifier removed */
#define ECHRNG          44  /* Channel number out of range */
#define EL2NSYNC        45  /* Level 2 not synchronised */
#define EL3HLT          46  /* Level 3 halted */
#define EL3RST          47  /* Level 3 reset */
#define ELNRNG          48  /* Link number out of range */
#define EUNATCH         49  /* Protocol driver not attached */
#define ENOCSI          50  /* No CSI structure available */
#define EL2HLT          51  /* Level 2 halted */
#define EBADE           52  /* Invalid exchange */
#define EBADR           53  /* Invalid request descriptor */
#define EXFULL          54  /* Exchange full */
#define ENOANO          55  /* No anode */
#define EBADRQC         56  /* Invalid request code */
#define EBADSLT         57  /* Invalid slot */
#define EBFONT          59  /* Bad font file format */
#define ENOSTR          60  /* Not a stream */
#define ENODATA         61  /* No data available */
#define ETIME           62  /* Timer expired */
#define ENOSR           63  /* Out of stream resources */
#define ENONET          64  /* Machine is not on the network */
#define ENOPKG          65  /* Package not installed */
#define EREMOTE         66  /* Object is remote */
#define ENOLINK         67  /* Link severed */
#define EADV            68  /* Advertise error */
#define ESRMNT          69  /* Srmount error */
#define ECOMM           70  /* Communication error on send */
#define EPROTO          71  /* Protocol error */
#define EMULTIHOP       72  /* Multihop attempted */
#define EDOTDOT         73  /* RFS specific error */
#define EBADMSG         74  /* Bad message */
#define EOVERFLOW       75  /* Value too large for its type */
#define ENOTUNIQ        76  /* Name not unique on network */
#define EBADFD          77  /* Descriptor in bad state */
#define EREMCHG         78  /* Remote address changed */
#define ELIBACC         79  /* Shared library not accessible */
#define ELIBBAD         80  /* Shared library corrupted */
#define ELIBSCN         81  /* .lib section corrupted */
#define ELIBMAX         82  /* Too many shared libraries */
#define ELIBEXEC        83  /* Shared library not executable */
#define EILSEQ          84  /* Invalid byte sequence */
#define ERESTART        85  /* Call should be restarted */
#define ESTRPIPE        86  /* Streams pipe error */
#define EUSERS          87  /* Too many users */
#define ENOTSOCK        88  /* Not a socket */
#define EDESTADDRREQ    89  /* Destination address required */
#define EMSGSIZE        90  /* Message too long */
#define EPROTOTYPE      91  /* Wrong protocol type */
#define ENOPROTOOPT     92  /* Protocol option not available */
#define EPROTONOSUPPORT 93  /* Protocol not supported */
#define ESOCKTNOSUPPORT 94  /* Socket type not supported */
#define EOPNOTSUPP      95  /* Operation not supported */
#define EPFNOSUPPORT    96  /* Protocol family not supported */
#define EAFNOSUPPORT    97  /* Address family not supported */
#define EADDRINUSE      98  /* Address in use */
#define EADDRNOTAVAIL   99  /* Address not available */
#define ENETDOWN        100 /* Network is down */
#define ENETUNREACH     101 /* Network is unreachable */
#define ENETRESET       102 /* Connection dropped by network */
#define ECONNABORTED    103 /* Connection aborted */
#define ECONNRESET      104 /* Connection reset */
#define ENOBUFS         105 /* No buffer space available */
#define EISCONN         106 /* Already connected */
#define ENOTCONN        107 /* Not connected */
#define ESHUTDOWN       108 /* Endpoint is shut down */
#define ETOOMANYREFS    109 /* Too many references */
#define ETIMEDOUT       110 /* Timed out */
#define ECONNREFUSED    111 /* Connection refused */
#define EHOSTDOWN       112 /* Host is down */
#define EHOSTUNREACH    113 /* Host is unreachable */
#define EALREADY        114 /* Already in progress */
#define EINPROGRESS     115 /* Now in progress */
#define ESTALE          116 /* Stale file handle */
#define EUCLEAN         117 /* Structure needs cleaning */
#define ENOTNAM         118 /* Not a named type file */
#define ENAVAIL         119 /* No semaphores available */
#define EISNAM          120 /* Is a named type file */
#define EREMOTEIO       121 /* Remote input/output error */
#define EDQUOT          122 /* Quota exceeded */
#define ENOMEDIUM       123 /* No medium found */
#define EMEDIUMTYPE     124 /* Wrong medium type */
#define ECANCELED       125 /* Operation cancelled */
#define ENOKEY          126 /* Key not available */
#define EKEYEXPIRED     127 /* Key has expired */
#define EKEYREVOKED     128 /* Key was revoked */
#define EKEYREJECTED    129 /* Key was rejected */
#define EOWNERDEAD      130 /* Owner died */
#define ENOTRECOVERABLE 131 /* State not recoverable */
#define ERFKILL         132 /* Blocked by radio switch */
#define EHWPOISON       133 /* Memory page has an error */

#define EWOULDBLOCK EAGAIN
#define EDEADLOCK   EDEADLK
#define ENOTSUP     EOPNOTSUPP

#endif
