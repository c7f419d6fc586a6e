// Counts guest instructions, exactly, into a file that is mapped into memory: a reader of the file sees the
// counters while the machine runs. A QEMU plugin, API version 1 (QEMU 4.2-8.2); the few functions that it
// uses are declared here, so no header has to be installed. `plugin.rs` compiles it and reads the file.
//
//   -plugin count.so,out=FILE,low=HEX,high=HEX[,mark=HEX]...
//
// File, all little-endian u64: [0] instructions in all; [1..16] that number when mark i was first reached,
// 0 if it was not; from [16] on, for each address of low..high, how often an instruction there was executed.
// One processor is assumed: the counters are not atomic. One round of a REP counts as one instruction, a HLT
// counts when it is executed and not while it waits.

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct block;
struct instruction;
enum { NO_REGISTERS = 0, ADD_U64 = 0, MARKS = 15, HEADER = 16 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
extern size_t qemu_plugin_tb_n_insns(const struct block *);
extern struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct instruction *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct instruction *, int, void *, uint64_t);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t *counters, low, high, marks[MARKS];
static int mark_count;

static void reached(unsigned processor, void *mark) {
    (void)processor;
    uint64_t *snapshot = &counters[1 + (intptr_t)mark];
    if (*snapshot == 0)
        *snapshot = counters[0];
}

static void translated(plugin_id id, struct block *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &counters[0], 1);
        if (address >= low && address < high)
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &counters[HEADER + address - low], 1);
        for (intptr_t mark = 0; mark < mark_count; mark++)
            if (marks[mark] == address)
                qemu_plugin_register_vcpu_insn_exec_cb(instruction, reached, NO_REGISTERS, (void *)mark);
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    const char *path = NULL;
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return -1;
        value++;
        if (strncmp(argv[i], "out=", 4) == 0)
            path = value;
        else if (strncmp(argv[i], "low=", 4) == 0)
            low = strtoull(value, NULL, 16);
        else if (strncmp(argv[i], "high=", 5) == 0)
            high = strtoull(value, NULL, 16);
        else if (strncmp(argv[i], "mark=", 5) == 0 && mark_count < MARKS)
            marks[mark_count++] = strtoull(value, NULL, 16);
        else
            return -1;
    }
    size_t bytes = (HEADER + (high - low)) * sizeof(uint64_t);
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || ftruncate(file, (off_t)bytes) != 0)
        return -1;
    counters = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (counters == MAP_FAILED)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
