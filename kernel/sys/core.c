/*
 * All of a process that a signal ends by mistake: registers of its threads,
 * areas, and the pages that are there. cairn-run makes an ELF core of it.
 */
#include <cairn/mman.h>

#include "arch/i386/fpu.h"
#include "arch/i386/trap.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "fs/ramdata.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "proc/process.h"
#include "sys/lab.h"

#define PIECE_PAGES 3u

/* struct user_regs_struct of Linux i386. */
static void fill_registers(uint32_t regs[17], const struct trapframe *tf,
                           const struct context *c)
{
    const uint32_t values[17] = {tf->ebx, tf->ecx,         tf->edx,
                                 tf->esi, tf->edi,         tf->ebp,
                                 tf->eax, tf->ds & 0xFFFF, tf->es & 0xFFFF,
                                 c->fs,   c->gs,           tf->call,
                                 tf->eip, tf->cs & 0xFFFF, tf->eflags,
                                 tf->esp, tf->ss & 0xFFFF};

    memcpy(regs, values, sizeof(values));
}

static void add_thread(struct thread *t, const struct signal_info *info)
{
    struct process *p = current_process();
    struct cairn_trace_core *core = kzalloc(sizeof(*core));
    struct record r;

    if (!core)
        return;
    if (t == current)
        context_leave(&t->context);
    core->signo = info->signo;
    memcpy(core->info, info, sizeof(core->info));
    fill_registers(core->regs, context_trapframe(&t->context), &t->context);
    core->arg_start = p->arg_start;
    core->env_start = p->env_start;
    core->env_end = p->env_end;
    core->ppid = p->parent ? p->parent->pid : 0;
    core->pgid = p->pgid;
    core->sid = p->sid;
    core->uid = p->creds.uid;
    core->gid = p->creds.gid;
    core->is_dying = t == current;
    memcpy(core->name, p->name, sizeof(core->name));
    memcpy(core->fpu, t->context.fpu, sizeof(core->fpu));
    record_begin(&r, CAIRN_RECORD_CORE);
    record_add(&r, core, sizeof(*core));
    /* The record is of thread t. */
    if (r.bytes)
        memcpy(r.bytes + offsetof(struct cairn_record, tid), &t->tid, 4);
    record_end(&r);
    kfree(core);
}

void core_add_name(struct record *r, const struct area_info *area)
{
    const struct inode *inode;
    char *buf, *path = NULL;

    if (!area->obj || area->obj->ops->page != ramdata_page) {
        if (area->is_heap || area->is_stack)
            record_add_string(r, area->is_heap ? "[heap]" : "[stack]");
        return;
    }
    inode = inode_of(area->obj);
    buf = kmalloc(PATH_MAX);
    if (buf && inode->alias)
        path = dentry_path(inode->alias, current_process()->fs->root, buf,
                           PATH_MAX);
    record_add_string(r, path ? path : "(deleted)");
    kfree(buf);
}

static void add_area(const struct area_info *area)
{
    struct cairn_trace_area words = {
        .start = area->start,
        .end = area->end,
        .prot = area->prot,
        .flags = area->flags,
        .offset = area->page << PAGE_SHIFT,
    };
    struct record r;

    record_begin(&r, CAIRN_RECORD_AREA);
    record_add(&r, &words, sizeof(words));
    core_add_name(&r, area);
    record_end(&r);
}

static void add_pages(vaddr_t va, size_t npages)
{
    struct record r;

    record_begin(&r, CAIRN_RECORD_MEMORY);
    record_memory(&r, va, npages * PAGE_SIZE);
    record_end(&r);
}

/* Pages of a file are read if need be; others only where they are there. */
static void add_contents(const struct area_info *area)
{
    uint8_t there[PIECE_PAGES];
    size_t n;

    if (!(area->prot & PROT_READ))
        return;
    for (vaddr_t va = area->start; va < area->end; va += n * PAGE_SIZE) {
        n = (area->end - va) / PAGE_SIZE;
        if (n > PIECE_PAGES)
            n = PIECE_PAGES;
        memset(there, 0, sizeof(there));
        if (space_resident(current->space, va, n, there) != 0)
            return;
        if (area->obj || there[0] || there[1] || there[2])
            add_pages(va, n);
    }
}

void core_record(const struct signal_info *info)
{
    struct process *p = current_process();
    struct area_info area;
    struct list *link;
    struct record r;

    list_for_each(link, &p->threads)
        add_thread(list_entry(link, struct thread, proc_link), info);
    for (vaddr_t va = 0; space_find(current->space, va, &area); va = area.end)
        add_area(&area);
    for (vaddr_t va = 0; space_find(current->space, va, &area); va = area.end)
        add_contents(&area);
    record_begin(&r, CAIRN_RECORD_MEMORY);
    record_end(&r);
}
