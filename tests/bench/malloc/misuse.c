/* which misuse is detected (abort/trap) in default build; prints DETECT by exit status in the driver */
#include <stddef.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>
extern void *bm_malloc(size_t);
extern void bm_free(void *);
extern void bm_init(void) __attribute__((weak));
int main(int c, char **v)
{
    if (bm_init)
        bm_init();
    int t = atoi(v[1]);
    char *a[64];
    for (int i = 0; i < 64; i++) {
        a[i] = bm_malloc(40);
        memset(a[i], i, 40);
    }
    alarm(5);
    switch (t) {
    case 1:
        bm_free(a[9]);
        bm_free(a[9]);
        break; /* immediate double free */
    case 2:
        bm_free(a[9]);
        bm_free(a[20]);
        bm_free(a[9]);
        break; /* double free, one between */
    case 3:
        for (int i = 0; i < 64; i += 2)
            bm_free(a[i]);
        bm_free(a[30]);
        break; /* double free, many between */
    case 4:
        bm_free(a[9] + 8);
        break; /* interior pointer */
    case 5:
        bm_free(a[9] + 16);
        break;
    case 6:
        memset(a[9], 0x41, 56);
        bm_free(a[9]);
        bm_free(a[10]);
        break; /* 16-byte overflow */
    case 7:
        bm_free(a[9]);
        memset(a[9], 0x41, 16);
        bm_malloc(40);
        {
            volatile char *p = bm_malloc(40);
            if (p)
                p[0] = 1;
        }
        bm_malloc(40);
        break; /* UAF write of links */
    case 8: {
        static char s[64];
        bm_free(s + 16);
    } break; /* not heap */
    }
    for (int k = 0; k < 64; k++) {
        char *p = bm_malloc(40);
        char *q = bm_malloc(40);
        if (p == q)
            _exit(42);
    } /* same block twice = corruption live */
    return 0;
}
