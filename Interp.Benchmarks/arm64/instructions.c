/* Counts the instructions of each method that a .NET program runs under qemu-user.
 *
 *   DOTNET_PerfMapEnabled=1 DOTNET_PerfMapJitDumpPath=DIRECTORY qemu-aarch64 -plugin libinstructions.so,maps=DIRECTORY,out=FILE PROGRAM
 *
 * FILE then has a line for each symbol of the JIT's map, DIRECTORY/perf-PID.map: a count, a space, its name; what runs outside of all symbols is the runtime
 * itself and the libraries. Blocks of translated code are counted, each with a counter of its own that is not atomic: where threads run the same block at once, some
 * of it is lost.
 */

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is used of qemu's plugin interface, version 1 (Debian 12 has qemu 7.2, with which this was tried): Debian has no package of its header. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, enum qemu_plugin_op op, void *counter, uint64_t add);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*ended)(qemu_plugin_id_t id, void *data), void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;

struct block {
    uint64_t runs;
    uint64_t instructions;
    uint64_t address;
    struct block *next;
};

struct symbol {
    uint64_t start;
    uint64_t size;
    uint64_t instructions;
    char *name;
};

static struct block *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *out = "instructions.txt";
static const char *maps = "/tmp";
static struct symbol *symbols;
static size_t symbol_count;

static void *enough(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "instructions: there is no memory left\n");
        abort();
    }

    return memory;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    struct block *block = enough(calloc(1, sizeof *block));
    (void)id;
    block->instructions = qemu_plugin_tb_n_insns(tb);
    block->address = qemu_plugin_tb_vaddr(tb);
    pthread_mutex_lock(&lock);
    block->next = blocks;
    blocks = block;
    pthread_mutex_unlock(&lock);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->runs, 1);
}

static int by_start(const void *left, const void *right)
{
    uint64_t x = ((const struct symbol *)left)->start, y = ((const struct symbol *)right)->start;
    return (x > y) - (x < y);
}

/* Lines of the map: start and size in hexadecimal, then the name, which may have spaces. */
static void read_symbols(void)
{
    char path[4096], *line = NULL;
    size_t length = 0, room = 0;
    ssize_t read;
    FILE *file;
    snprintf(path, sizeof path, "%s/perf-%ld.map", maps, (long)getpid());
    file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "instructions: %s cannot be read; expected the JIT's map there (DOTNET_PerfMapEnabled=1)\n", path);
        return;
    }

    while ((read = getline(&line, &length, file)) > 0) {
        uint64_t start, size;
        int name;
        if (sscanf(line, "%" SCNx64 " %" SCNx64 " %n", &start, &size, &name) < 2) {
            continue;
        }

        if (symbol_count == room) {
            room = room == 0 ? 4096 : 2 * room;
            symbols = enough(realloc(symbols, room * sizeof *symbols));
        }

        line[strcspn(line, "\n")] = '\0';
        symbols[symbol_count++] = (struct symbol){ start, size, 0, enough(strdup(line + name)) };
    }

    free(line);
    fclose(file);
    qsort(symbols, symbol_count, sizeof *symbols, by_start);
}

/* The last symbol that starts at the address or before it, where the address is inside. */
static struct symbol *symbol_of(uint64_t address)
{
    size_t low = 0, high = symbol_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols[middle].start <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    return low > 0 && address - symbols[low - 1].start < symbols[low - 1].size ? &symbols[low - 1] : NULL;
}

static void ended(qemu_plugin_id_t id, void *data)
{
    FILE *file = fopen(out, "w");
    uint64_t outside = 0;
    (void)id;
    (void)data;
    if (file == NULL) {
        perror(out);
        return;
    }

    read_symbols();
    for (const struct block *block = blocks; block != NULL; block = block->next) {
        struct symbol *symbol = symbol_of(block->address);
        *(symbol == NULL ? &outside : &symbol->instructions) += block->runs * block->instructions;
    }

    for (size_t i = 0; i < symbol_count; i++) {
        if (symbols[i].instructions > 0) {
            fprintf(file, "%" PRIu64 " %s\n", symbols[i].instructions, symbols[i].name);
        }
    }

    fprintf(file, "%" PRIu64 " (the runtime and its libraries)\n", outside);
    fclose(file);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            out = enough(strdup(argv[i] + 4));
        } else if (strncmp(argv[i], "maps=", 5) == 0) {
            maps = enough(strdup(argv[i] + 5));
        } else {
            fprintf(stderr, "instructions: %s is not understood; expected out=FILE or maps=DIRECTORY\n", argv[i]);
            return -1;
        }
    }

    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
