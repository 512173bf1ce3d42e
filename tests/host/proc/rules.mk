# Pure modules of kernel/proc that nobody else lists.

TEST_runfile    := kernel/proc/runfile.c
HOST_TEST_NAMES += runfile

FUZZ_runfile := kernel/proc/runfile.c
FUZZ_NAMES   += runfile
