/*
 * Included before anything else: Cairn's allocator under names of its own,
 * beside the host's, which the sanitizers need for themselves.
 */
#define malloc             cairn_malloc
#define free               cairn_free
#define calloc             cairn_calloc
#define realloc            cairn_realloc
#define reallocarray       cairn_reallocarray
#define memalign           cairn_memalign
#define aligned_alloc      cairn_aligned_alloc
#define posix_memalign     cairn_posix_memalign
#define valloc             cairn_valloc
#define pvalloc            cairn_pvalloc
#define malloc_usable_size cairn_malloc_usable_size
#define malloc_trim        cairn_malloc_trim
#define malloc_stats       cairn_malloc_stats
#define malloc_info        cairn_malloc_info
#define mallinfo           cairn_mallinfo
#define mallinfo2          cairn_mallinfo2
#define mallopt            cairn_mallopt
#define mstats             cairn_mstats
#define cfree              cairn_cfree
#define freezero           cairn_freezero
#define free_sized         cairn_free_sized
#define free_aligned_sized cairn_free_aligned_sized
