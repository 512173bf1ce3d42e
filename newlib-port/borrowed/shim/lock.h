/* There is one thread. */
#define LOCK(lock)   ((void)(lock))
#define UNLOCK(lock) ((void)(lock))
