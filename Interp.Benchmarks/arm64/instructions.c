/* Counts the instructions that a program runs under qemu-user, block by block of translated code.
 *
 *   qemu-aarch64 -plugin libinstructions.so,out=FILE …
 *
 * At the end FILE has a line for each block that ran: how many instructions it has, how often it ran, the address of its first
 * instruction in hexadecimal, and that of the first behind its last. Counts are not atomic: where several threads run the same
 * block at once, some are lost.
 */

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used of qemu's plugin interface, version 1 (qemu 4.2 to 8.2; Debian 12 has 7.2): there is no header in Debian's packages. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, enum qemu_plugin_op op, void *counter, uint64_t add);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*ended)(qemu_plugin_id_t id, void *data), void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;

struct block {
    uint64_t runs;
    uint64_t instructions;
    uint64_t start;
    uint64_t end;
    struct block *next;
};

static struct block *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char out[4096] = "instructions.txt";

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, n - 1);
    struct block *block = calloc(1, sizeof *block);
    (void)id;
    if (block == NULL) {
        abort();
    }

    block->instructions = n;
    block->start = qemu_plugin_tb_vaddr(tb);
    block->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
    pthread_mutex_lock(&lock);
    block->next = blocks;
    blocks = block;
    pthread_mutex_unlock(&lock);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->runs, 1);
}

static void ended(qemu_plugin_id_t id, void *data)
{
    FILE *file = fopen(out, "w");
    (void)id;
    (void)data;
    if (file == NULL) {
        perror(out);
        return;
    }

    for (const struct block *block = blocks; block != NULL; block = block->next) {
        if (block->runs > 0) {
            fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIx64 " %" PRIx64 "\n", block->instructions, block->runs, block->start, block->end);
        }
    }

    fclose(file);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) != 0 || strlen(argv[i]) - 4 >= sizeof out) {
            fprintf(stderr, "instructions: %s is not understood; expected out=FILE\n", argv[i]);
            return -1;
        }

        strcpy(out, argv[i] + 4);
    }

    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
