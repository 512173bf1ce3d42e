/*
 * getrandom flags.
 */
#ifndef _CAIRN_RANDOM_H
#define _CAIRN_RANDOM_H

#define GRND_NONBLOCK 1
#define GRND_RANDOM   2
#define GRND_INSECURE 4

#endif
