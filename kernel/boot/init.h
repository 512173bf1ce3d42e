/*
 * Pid 1: the kernel's own init.
 */
#ifndef BOOT_INIT_H
#define BOOT_INIT_H

/*
 * Make pid 1 runnable. It starts the first program as pid 2: what cairn-run
 * sent if it is there, else init= of the command line, else the first of a few
 * usual paths. When that program ends, the machine is switched off with its
 * status.
 */
void init_start(void);

#endif
