# Tests of the file room, over the memory room and the machine of arrays.
# (MM_SOURCES is set by a rules.mk that is read later, hence the plain =.)

FS_SOURCES = $(patsubst %,kernel/fs/%.c,uio fdtable file inode dentry mount \
    path open change pagemap ramfs ramdata initrd tar lock pipe devfs) \
    kernel/lib/printf.c kernel/lib/random.c $(MM_SOURCES) tests/host/fs/world.c

FS_TESTS := fs/pagemap fs/data fs/names fs/pipe fs/initrd
TEST_fs/random := kernel/lib/random.c
$(foreach name,$(FS_TESTS),$(eval TEST_$(name) = $$(FS_SOURCES)))

HOST_TEST_NAMES    += $(FS_TESTS) fs/random
HOST_TEST_PROGRAMS += $(foreach name,$(FS_TESTS) fs/random,\
    $(HT)/64/$(name) $(HT)/32/$(name))
