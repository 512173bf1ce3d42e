#include <utime.h>
