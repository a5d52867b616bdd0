/* Packing and unpacking in C: native.py compiles it where there is a compiler, and fields.py does the same without.
 *
 * Integers are brought into containers of 8, 16 or 32 bits, a block at a time, and joined in 64-bit numbers as fields.py
 * has it. Where words leave no bit unused and the width is a power of two, loops do it that compilers make vectors of.
 * Little endian. Addresses need not be aligned: memory is touched through memcpy. Buffers are written and read once,
 * from the first byte to the last.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 2048, SPARE = 8 }; /* integers a block, a multiple of 8; containers beyond it that may be read */

typedef struct {
    int size;        /* bytes of a container */
    size_t each;     /* integers that a 64-bit number joins */
    unsigned bits;   /* of an integer */
    uint64_t inside; /* the bits in use of all containers */
    int steps;
    struct {
        unsigned shift;
        uint64_t low, high; /* where the halves' bits in use are, joined */
        uint64_t apart;     /* where the upper half's are, apart */
    } step[3];
} Plan;

static uint64_t ones(unsigned bits)
{
    return bits < 64 ? ((uint64_t)1 << bits) - 1 : ~(uint64_t)0;
}

/* The lowest `bits` of each `width`, moved up by `shift`. */
static uint64_t every(unsigned width, unsigned bits, unsigned shift)
{
    uint64_t mask = 0;
    for (unsigned place = 0; place < 64; place += width)
        mask |= ones(bits) << shift << place;
    return mask;
}

static Plan plan_for(unsigned bits)
{
    Plan plan = {.size = bits <= 8 ? 1 : bits <= 16 ? 2 : 4, .bits = bits};
    unsigned width = 8 * plan.size, used = bits;
    plan.each = 8 / plan.size;
    plan.inside = every(width, bits, 0);
    for (; width < 64; width *= 2, used *= 2, plan.steps++) {
        plan.step[plan.steps].shift = width - used;
        plan.step[plan.steps].low = every(2 * width, used, 0);
        plan.step[plan.steps].high = every(2 * width, used, used);
        plan.step[plan.steps].apart = every(2 * width, used, width);
    }
    return plan;
}

static uint64_t join(uint64_t x, const Plan *plan)
{
    x &= plan->inside;
    for (int i = 0; i < plan->steps; i++)
        x = (x & plan->step[i].low) | (x >> plan->step[i].shift & plan->step[i].high);
    return x;
}

static uint64_t part(uint64_t x, const Plan *plan)
{
    for (int i = plan->steps - 1; i >= 0; i--)
        x = (x & plan->step[i].low) | (x << plan->step[i].shift & plan->step[i].apart);
    return x & plan->inside;
}

/* Bring n integers of `from` bytes into containers of `to` bytes. */
#define CAST(FROM, TO)                                                                                                 \
    for (size_t i = 0; i < n; i++) {                                                                                   \
        FROM value;                                                                                                    \
        memcpy(&value, in + i * sizeof(FROM), sizeof(FROM));                                                           \
        TO cell = (TO)value;                                                                                           \
        memcpy(out + i * sizeof(TO), &cell, sizeof(TO));                                                               \
    }                                                                                                                  \
    break;
#define CAST_TO(TO)                                                                                                    \
    switch (from) {                                                                                                    \
    case 1: CAST(uint8_t, TO)                                                                                          \
    case 2: CAST(uint16_t, TO)                                                                                         \
    case 4: CAST(uint32_t, TO)                                                                                         \
    default: CAST(uint64_t, TO)                                                                                        \
    }                                                                                                                  \
    break;

static void cast(const uint8_t *restrict in, int from, uint8_t *restrict out, int to, size_t n)
{
    switch (to) {
    case 1: CAST_TO(uint8_t)
    case 2: CAST_TO(uint16_t)
    default: CAST_TO(uint32_t)
    }
}

/* Integers of 1, 2 or 4 bits in containers of 8 fill whole bytes. */
static void pack_bytes(const uint8_t *restrict in, uint8_t *restrict out, size_t bytes, unsigned bits)
{
    if (bits == 4)
        for (size_t i = 0; i < bytes; i++) {
            uint16_t x;
            memcpy(&x, in + 2 * i, 2);
            out[i] = (uint8_t)((x & 15) | (x >> 4 & 0xf0));
        }
    else if (bits == 2)
        for (size_t i = 0; i < bytes; i++) {
            uint32_t x;
            memcpy(&x, in + 4 * i, 4);
            x &= 0x03030303;
            out[i] = (uint8_t)(x | x >> 6 | x >> 12 | x >> 18);
        }
    else
        for (size_t i = 0; i < bytes; i++) {
            uint64_t x;
            memcpy(&x, in + 8 * i, 8);
            x &= 0x0101010101010101u;
            out[i] = (uint8_t)(x * 0x0102040810204080u >> 56); /* bit 8 i goes to bit 56 + i */
        }
}

static void unpack_bytes(const uint8_t *restrict in, uint8_t *restrict out, size_t bytes, unsigned bits)
{
    if (bits == 4)
        for (size_t i = 0; i < bytes; i++) {
            out[2 * i] = in[i] & 15;
            out[2 * i + 1] = in[i] >> 4;
        }
    else if (bits == 2)
        for (size_t i = 0; i < bytes; i++) {
            uint32_t x = in[i];
            x = (x | x << 6 | x << 12 | x << 18) & 0x03030303;
            memcpy(out + 4 * i, &x, 4);
        }
    else
        for (size_t i = 0; i < bytes; i++) {
            uint64_t x = in[i];
            x = ((x & 127) * 0x0000040810204081u | x >> 7 << 56) & 0x0101010101010101u; /* bit i goes to bit 8 i */
            memcpy(out + 8 * i, &x, 8);
        }
}

#define EXTEND(TYPE)                                                                                                   \
    for (size_t i = 0; i < n; i++) {                                                                                   \
        TYPE cell;                                                                                                     \
        memcpy(&cell, out + i * sizeof(TYPE), sizeof(TYPE));                                                           \
        cell = (TYPE)((cell ^ sign) - sign);                                                                           \
        memcpy(out + i * sizeof(TYPE), &cell, sizeof(TYPE));                                                           \
    }                                                                                                                  \
    break;

static void extend(uint8_t *out, int size, unsigned bits, size_t n)
{
    const uint32_t sign = (uint32_t)1 << (bits - 1);
    switch (size) {
    case 1: EXTEND(uint8_t)
    case 2: EXTEND(uint16_t)
    default: EXTEND(uint32_t)
    }
}

/* Bits on their way into a buffer or out of it, fewer than 64. */
typedef struct {
    uint8_t *next;
    uint64_t held;
    unsigned count;
} Stream;

static void put(Stream *to, uint64_t x, unsigned bits)
{
    to->held |= x << to->count;
    to->count += bits;
    if (to->count >= 64) {
        memcpy(to->next, &to->held, 8);
        to->next += 8;
        to->count -= 64;
        to->held = to->count ? x >> (bits - to->count) : 0;
    }
}

/* Fill the word up to its last byte. */
static void close_word(Stream *to, uint8_t *end)
{
    for (; to->next < end; to->next++, to->held >>= 8)
        *to->next = (uint8_t)to->held;
    to->held = to->count = 0;
}

/* `end` is where the word's bits end. */
static uint64_t take(Stream *from, unsigned bits, const uint8_t *end)
{
    uint64_t x = from->held;
    if (from->count >= bits) {
        from->held = bits < 64 ? x >> bits : 0;
        from->count -= bits;
        return x & ones(bits);
    }
    uint64_t fresh = 0;
    unsigned bytes = end - from->next < 8 ? (unsigned)(end - from->next) : 8, used = bits - from->count;
    if (bytes == 8)
        memcpy(&fresh, from->next, 8);
    else
        for (unsigned i = 0; i < bytes; i++)
            fresh |= (uint64_t)from->next[i] << 8 * i;
    from->next += bytes;
    x |= fresh << from->count;
    from->held = used < 64 ? fresh >> used : 0;
    from->count = 8 * bytes - used;
    return x & ones(bits);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether words are bytes filled by 1, 2 or 4 bits. */
static int fills_bytes(size_t lanes, unsigned bits, size_t word_bytes)
{
    return lanes * bits == 8 * word_bytes && (bits == 1 || bits == 2 || bits == 4);
}

/* values: [words * lanes] of value_size bytes each; out: [words * word_bytes]. */
void codesign_pack(const uint8_t *values, int value_size, size_t words, size_t lanes, unsigned bits, uint8_t *out,
                   size_t word_bytes)
{
    const Plan plan = plan_for(bits);
    uint8_t cells[4 * (BLOCK + SPARE)];
    memset(cells, 0, sizeof cells);
    if (fills_bytes(lanes, bits, word_bytes)) {
        for (size_t at = 0, n, all = words * lanes; at < all; at += n) {
            n = least(BLOCK, all - at);
            const uint8_t *from = values + at * value_size;
            if (value_size != 1) {
                cast(from, value_size, cells, 1, n);
                from = cells;
            }
            pack_bytes(from, out + at * bits / 8, n * bits / 8, bits);
        }
        return;
    }
    if (lanes * bits == 8 * word_bytes && bits == 8u * plan.size) {
        cast(values, value_size, out, plan.size, words * lanes);
        return;
    }
    const size_t block_words = lanes < BLOCK ? BLOCK / lanes : 1;
    Stream to = {.next = out};
    for (size_t word = 0, count; word < words; word += count) {
        count = least(block_words, words - word);
        for (size_t lane = 0, n; lane < lanes; lane += n) {
            n = least(BLOCK, lanes - lane);
            cast(values + (word * lanes + lane) * value_size, value_size, cells, plan.size, count * n);
            for (size_t i = 0; i < count; i++) {
                for (size_t at = 0; at < n; at += plan.each) {
                    uint64_t x;
                    memcpy(&x, cells + (i * n + at) * plan.size, 8);
                    const unsigned used = (unsigned)least(plan.each, n - at) * bits;
                    put(&to, join(x, &plan) & ones(used), used);
                }
                if (lane + n == lanes)
                    close_word(&to, out + (word + i + 1) * word_bytes);
            }
        }
    }
}

/* data: [words * word_bytes]; out: [words * lanes] containers of the fewest bytes that have the bits. */
void codesign_unpack(const uint8_t *data, size_t word_bytes, uint8_t *out, size_t words, size_t lanes, unsigned bits,
                     int is_signed)
{
    const Plan plan = plan_for(bits);
    const size_t used_bytes = (lanes * bits + 7) / 8, all = words * lanes;
    if (fills_bytes(lanes, bits, word_bytes)) {
        for (size_t at = 0, n; at < all; at += n) {
            n = least(BLOCK, all - at);
            unpack_bytes(data + at * bits / 8, out + at, n * bits / 8, bits);
            if (is_signed)
                extend(out + at, 1, bits, n);
        }
        return;
    }
    if (lanes * bits == 8 * word_bytes && bits == 8u * plan.size) {
        memcpy(out, data, words * word_bytes);
        return;
    }
    size_t extended = 0;
    for (size_t word = 0; word < words; word++) {
        Stream from = {.next = (uint8_t *)data + word * word_bytes};
        const uint8_t *end = from.next + used_bytes;
        for (size_t lane = 0, n; lane < lanes; lane += n) {
            n = least(plan.each, lanes - lane);
            const uint64_t x = part(take(&from, (unsigned)n * bits, end), &plan);
            uint8_t *to = out + (word * lanes + lane) * plan.size;
            if (n == plan.each)
                memcpy(to, &x, 8);
            else
                for (size_t i = 0; i < n * plan.size; i++)
                    to[i] = (uint8_t)(x >> 8 * i);
            const size_t done = word * lanes + lane + n;
            if (is_signed && (done - extended >= BLOCK || done == all)) {
                extend(out + extended * plan.size, plan.size, bits, done - extended);
                extended = done;
            }
        }
    }
}
