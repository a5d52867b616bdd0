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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

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

/* How neighbours are joined. */
typedef struct {
    int size;        /* bytes of a container */
    size_t each;     /* integers that a field joins: no more than a word has, rounded up to a power of two */
    unsigned bits;   /* of an integer */
    uint64_t inside; /* the bits in use of the containers */
    int steps;
    struct {
        unsigned shift;
        uint64_t low, high; /* where the halves' bits in use are, joined */
        uint64_t apart;     /* where the upper half's are, apart */
    } step[3];
} Plan;

static Plan plan_for(size_t lanes, unsigned bits)
{
    Plan plan = {.size = bits <= 8 ? 1 : bits <= 16 ? 2 : 4, .each = 1, .bits = bits};
    unsigned width = 8 * plan.size, used = bits;
    plan.inside = every(width, bits, 0);
    for (; width < 64 && plan.each < lanes; width *= 2, used *= 2, plan.each *= 2, plan.steps++) {
        plan.step[plan.steps].shift = width - used;
        plan.step[plan.steps].low = every(2 * width, used, 0);
        plan.step[plan.steps].high = every(2 * width, used, used);
        plan.step[plan.steps].apart = every(2 * width, used, width);
    }
    return plan;
}

/* Bring n unsigned numbers of `from` bytes into `to` bytes each. */
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

static void cast(const void *restrict source, int from, void *restrict target, int to, size_t n)
{
    const uint8_t *in = source;
    uint8_t *out = target;
    switch (to) {
    case 1: CAST_TO(uint8_t)
    case 2: CAST_TO(uint16_t)
    case 4: CAST_TO(uint32_t)
    default: CAST_TO(uint64_t)
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

/* How many fields n integers make. */
static size_t fields_of(size_t n, const Plan *plan)
{
    return (n + plan->each - 1) / plan->each;
}

/* Join each row's n containers; in a row's last field, what lies beyond the row is to be dropped by the caller. */
static void join(const uint8_t *cells, uint64_t *fields, size_t rows, size_t n, const Plan *plan)
{
    const size_t count = rows * fields_of(n, plan);
    uint64_t *field = fields;
    if (n % plan->each == 0)
        cast(cells, (int)plan->each * plan->size, fields, 8, count);
    else
        for (size_t row = 0; row < rows; row++)
            for (size_t at = 0; at < n; at += plan->each)
                memcpy(field++, cells + (row * n + at) * plan->size, 8);
    for (size_t i = 0; i < count; i++)
        fields[i] &= plan->inside;
    for (int step = 0; step < plan->steps; step++) {
        const unsigned shift = plan->step[step].shift;
        const uint64_t low = plan->step[step].low, high = plan->step[step].high;
        for (size_t i = 0; i < count; i++)
            fields[i] = (fields[i] & low) | (fields[i] >> shift & high);
    }
}

/* Part each row's fields into n containers; `room` bytes may be written. */
static void split(uint64_t *fields, uint8_t *cells, size_t rows, size_t n, size_t room, const Plan *plan)
{
    const size_t count = rows * fields_of(n, plan);
    for (int step = plan->steps - 1; step >= 0; step--) {
        const unsigned shift = plan->step[step].shift;
        const uint64_t low = plan->step[step].low, apart = plan->step[step].apart;
        for (size_t i = 0; i < count; i++)
            fields[i] = (fields[i] & low) | (fields[i] << shift & apart);
    }
    if (n % plan->each == 0) {
        cast(fields, 8, cells, (int)plan->each * plan->size, count);
        return;
    }
    const uint64_t *field = fields;
    for (size_t row = 0; row < rows; row++)
        for (size_t at = 0; at < n; at += plan->each, field++) {
            const size_t place = (row * n + at) * plan->size;
            if (place + 8 <= room) /* what is too much is written over by the next */
                memcpy(cells + place, field, 8);
            else
                for (size_t i = place; i < room; i++)
                    cells[i] = (uint8_t)(*field >> 8 * (i - place));
        }
}

/* Words of one field each. */
#define STORE(TYPE)                                                                                                    \
    for (size_t i = 0; i < count; i++) {                                                                               \
        const TYPE word = (TYPE)(fields[i] & mask);                                                                    \
        memcpy(out + i * sizeof word, &word, sizeof word);                                                             \
    }                                                                                                                  \
    break;
#define LOAD(TYPE)                                                                                                     \
    for (size_t i = 0; i < count; i++) {                                                                               \
        TYPE word;                                                                                                     \
        memcpy(&word, in + i * sizeof word, sizeof word);                                                              \
        fields[i] = word & mask;                                                                                       \
    }                                                                                                                  \
    break;

static void store_words(const uint64_t *restrict fields, uint8_t *restrict out, size_t count, size_t bytes,
                        uint64_t mask)
{
    switch (bytes) {
    case 1: STORE(uint8_t)
    case 2: STORE(uint16_t)
    case 4: STORE(uint32_t)
    case 8: STORE(uint64_t)
    default:
        for (size_t i = 0; i < count; i++)
            for (size_t at = 0; at < bytes; at++)
                *out++ = at < 8 ? (uint8_t)((fields[i] & mask) >> 8 * at) : 0;
    }
}

static void load_words(const uint8_t *restrict in, uint64_t *restrict fields, size_t count, size_t bytes, uint64_t mask)
{
    switch (bytes) {
    case 1: LOAD(uint8_t)
    case 2: LOAD(uint16_t)
    case 4: LOAD(uint32_t)
    case 8: LOAD(uint64_t)
    default:
        for (size_t i = 0; i < count; i++, in += bytes) {
            fields[i] = 0;
            for (size_t at = 0; at < bytes && at < 8; at++)
                fields[i] |= (uint64_t)in[at] << 8 * at;
            fields[i] &= mask;
        }
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

/* values: [words * lanes] of value_size bytes each; out: [words * word_bytes]. */
void codesign_pack(const uint8_t *values, int value_size, size_t words, size_t lanes, unsigned bits, uint8_t *out,
                   size_t word_bytes)
{
    if (words && lanes * bits == 8 * word_bytes) { /* one stream of bits */
        lanes *= words;
        word_bytes *= words;
        words = 1;
    }
    const Plan plan = plan_for(lanes, bits);
    uint8_t cells[4 * (BLOCK + SPARE)];
    memset(cells, 0, sizeof cells);
    if (lanes * bits == 8 * word_bytes && (bits == 1 || bits == 2 || bits == 4)) {
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
    uint64_t fields[BLOCK];
    const size_t block_words = lanes < BLOCK ? BLOCK / lanes : 1;
    Stream to = {.next = out};
    for (size_t word = 0, count; word < words; word += count) {
        count = least(block_words, words - word);
        for (size_t lane = 0, n; lane < lanes; lane += n) {
            n = least(BLOCK, lanes - lane);
            cast(values + (word * lanes + lane) * value_size, value_size, cells, plan.size, count * n);
            join(cells, fields, count, n, &plan);
            if (lanes <= plan.each) {
                store_words(fields, out + word * word_bytes, count, word_bytes, ones((unsigned)lanes * bits));
                continue;
            }
            const uint64_t *field = fields;
            for (size_t i = 0; i < count; i++) {
                for (size_t at = 0; at < n; at += plan.each, field++) {
                    const unsigned used = (unsigned)least(plan.each, n - at) * bits;
                    put(&to, *field & ones(used), used);
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
    if (words && lanes * bits == 8 * word_bytes) { /* one stream of bits */
        lanes *= words;
        word_bytes *= words;
        words = 1;
    }
    const Plan plan = plan_for(lanes, bits);
    const size_t used_bytes = (lanes * bits + 7) / 8, all = words * lanes;
    if (lanes * bits == 8 * word_bytes && (bits == 1 || bits == 2 || bits == 4)) {
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
    uint64_t fields[BLOCK];
    const size_t block_words = lanes < BLOCK ? BLOCK / lanes : 1;
    Stream from = {0};
    for (size_t word = 0, count; word < words; word += count) {
        count = least(block_words, words - word);
        for (size_t lane = 0, n; lane < lanes; lane += n) {
            n = least(BLOCK, lanes - lane);
            if (lanes <= plan.each)
                load_words(data + word * word_bytes, fields, count, word_bytes, ones((unsigned)lanes * bits));
            else {
                uint64_t *field = fields;
                for (size_t i = 0; i < count; i++) {
                    const uint8_t *start = data + (word + i) * word_bytes;
                    if (lane == 0)
                        from = (Stream){.next = (uint8_t *)start};
                    for (size_t at = 0; at < n; at += plan.each)
                        *field++ = take(&from, (unsigned)least(plan.each, n - at) * bits, start + used_bytes);
                }
            }
            uint8_t *to = out + (word * lanes + lane) * plan.size;
            split(fields, to, count, n, (count * n) * plan.size, &plan);
            if (is_signed)
                extend(to, plan.size, bits, count * n);
        }
    }
}
