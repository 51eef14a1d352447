/* Codes made of Arrow's indices and bits, and conditions judged on columns of them: eight conditions and, with AVX2, 32
   rows at a time. And, for plans, rows of bits made of sets, and compared with patterns.

   A condition is "any of terms", a term "all of comparisons". A digit is what a row has of one fact, or of one
   comparison of two facts: the number of its cell, 0 where it is unknown. A plane holds eight conditions, a bit each; a
   layer of a plane holds one term of each. For each digit that a layer looks at, a table has two bytes for each cell:
   which terms the cell does not keep from being true, and which it does not make false. The bytes of all digits are
   combined by AND, those of all layers by OR: that is strong Kleene logic, for the least and the greatest of truths.

   Nothing here knows of Python but the module that it makes itself importable as; library.py calls the functions by
   their addresses, without the interpreter's lock. Nothing is checked here: that codes are below the size of their
   tables, and arrays as long as is said, is for those to see to who call it. */

#include <Python.h> /* as setup.py says, no more of it than every Python has */
#include <stdint.h>
#include <string.h>

#include "exported.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define HAS_AVX2 1
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#else
#define HAS_AVX2 0
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "bits are unpacked as little-endian processors have them"
#endif

/* BLOCK rows are judged at a time, so that the cells of all digits stay in the processor's cache; LANES rows by one
   instruction; SHUFFLED bytes of a table are looked at by one. STRETCH rows, some blocks, get codes at a time: these stay
   in a larger cache, and what they are made of is read in pieces that are long enough to be fetched ahead. */
enum { BLOCK = 512, LANES = 32, SHUFFLED = 16, STRETCH = 8 * BLOCK };

/* To be raised, as in structures.py, with each change of what a function is told or of what it does with that. */
enum { VERSION = 10 };

/* Where the cells of a digit come from. `values` and `others` have an element for each row. */
enum Kind {
    CELLS,              /* values: the cells themselves */
    CODES,              /* values: codes; cells: by code */
    INTEGERS, NUMBERS,  /* values: numbers; places: cuts, ascending; cells: by how many cuts are not above the number */
    INTEGERS_COMPARED, NUMBERS_COMPARED, /* values, others: numbers; above */
    SAME,       /* values, others: codes; places, other_places: uint32 by code, alike where values are, 0 where unknown;
                   without places, codes stand for themselves */
    SAME_BYTES, /* the same, of bytes */
    PAIRS,      /* values, others: codes; cells: by pair of codes, one row for each of the first */
    MEMBERS,    /* values: codes of sets; cells: their bits, stride bytes for each set; others: codes of texts;
                   other_places: uint16 by code of a text, the place of its bit */
    ANY, ALL    /* values, others: codes of sets; places, other_places: their words, stride words for each set; of ALL,
                   places has what sets lack */
};

typedef struct {
    int32_t kind, above;          /* of two numbers: whether the first has to be above the second, or at least it */
    int32_t width, other_width;   /* bytes of a value */
    int32_t size, other_size;     /* number of codes */
    int32_t cuts, stride;
    int32_t column, other_column; /* values, others: 0, or 1 and the column of the job that they are made of */
    const void *values, *others;
    const uint8_t *known, *other_known;   /* a byte for each row of numbers, or for each code; NULL: all but code 0 */
    const uint8_t *cells;
    const void *places, *other_places;
} Digit;

typedef struct {
    int32_t digit, cells;         /* cells: in the tables, a multiple of SHUFFLED */
    const uint8_t *is_true, *may_be;
} Use;

typedef struct {
    int32_t first_use, uses;
    uint8_t is_true, may_be;      /* the terms, as far as digits say that are the same in all rows */
    uint8_t unused[6];
} Layer;

typedef struct {
    int32_t first_layer, layers;
    uint8_t errors;               /* the conditions that count for the level */
    uint8_t unused[7];
} Plane;

/* Dictionary indices, or booleans (width 0), and the bits of those that are known, or NULL. Bits begin at the offset. */
typedef struct {
    int64_t offset;
    int32_t width, code_width;    /* bytes */
    const void *values;           /* of the first row, but for bits */
    const uint8_t *known;
    void *codes;                  /* out: 0 for unknown, else the index plus 1; in a job, of STRETCH rows */
} Column;

typedef struct {
    int64_t rows, stride;         /* stride: bytes from plane to plane of what comes out, at least LANES-aligned rows */
    int32_t digits, planes, columns, unused;
    const Column *column;
    const Digit *digit;
    const Plane *plane;
    const Layer *layer;
    const Use *use;
    uint8_t *scratch;             /* digits * BLOCK bytes */
    uint8_t *is_true, *is_open, *level;
} Job;

/* A byte of a plane of each row, and where its bits stand in a word: shifted as they are, or one by one. */
typedef struct {
    const uint8_t *bytes;
    const uint64_t *bits;         /* by byte; NULL: shifted */
    int64_t shift;
} Part;

#define SIZED(TYPE, NUMBERS, POINTERS) _Static_assert(sizeof(TYPE) == NUMBERS + POINTERS * sizeof(void *), #TYPE)
SIZED(Digit, 40, 7); /* as tests/test_kernel.py counts them, too */
SIZED(Use, 8, 2);
SIZED(Layer, 16, 0);
SIZED(Plane, 16, 0);
SIZED(Job, 32, 9);
SIZED(Part, 8, 2);
SIZED(Column, 16, 3);

/* -- bytes by a table, and planes: in plain C, and by shuffles of 32 bytes ------------------------------------------- */

static void plane_plainly(const Job *job, const Plane *plane, int lanes, uint8_t *restrict is_true,
                          uint8_t *restrict may_be) {
    uint8_t all_true[BLOCK], all_may_be[BLOCK];
    memset(is_true, 0, (size_t)lanes);
    memset(may_be, 0, (size_t)lanes);
    for (const Layer *l = job->layer + plane->first_layer, *end = l + plane->layers; l < end; l++) {
        memset(all_true, l->is_true, (size_t)lanes);
        memset(all_may_be, l->may_be, (size_t)lanes);
        for (const Use *u = job->use + l->first_use, *last = u + l->uses; u < last; u++) {
            const uint8_t *cells = job->scratch + (size_t)u->digit * BLOCK;
            for (int i = 0; i < lanes; i++) {
                all_true[i] &= u->is_true[cells[i]];
                all_may_be[i] &= u->may_be[cells[i]];
            }
        }
        for (int i = 0; i < lanes; i++) {
            is_true[i] |= all_true[i];
            may_be[i] |= all_may_be[i];
        }
    }
}

INLINE void translated_plainly(const uint8_t *table, int size, const uint8_t *bytes, int rows, uint8_t *out) {
    (void)size;
    for (int i = 0; i < rows; i++) out[i] = table[bytes[i]];
}

#if HAS_AVX2
AVX2 static inline __m256i looked_up(const uint8_t *table, int size, __m256i bytes) {
    __m256i found = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table)), bytes);
    for (int base = SHUFFLED; base < size; base += SHUFFLED) { /* a shuffle looks at four bits of a byte */
        const __m256i rest = _mm256_sub_epi8(bytes, _mm256_set1_epi8((char)base));
        const __m256i high = _mm256_and_si256(rest, _mm256_set1_epi8((char)0xF0));
        const __m256i here = _mm256_cmpeq_epi8(high, _mm256_setzero_si256());
        const __m128i part = _mm_loadu_si128((const __m128i *)(table + base));
        found = _mm256_blendv_epi8(found, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(part), rest), here);
    }
    return found;
}

AVX2 static void plane_by_shuffles(const Job *job, const Plane *plane, int lanes, uint8_t *restrict is_true,
                                   uint8_t *restrict may_be) {
    const Layer *first = job->layer + plane->first_layer, *end = first + plane->layers;
    for (int i = 0; i < lanes; i += LANES) {
        __m256i any_true = _mm256_setzero_si256(), any_may_be = any_true;
        for (const Layer *l = first; l < end; l++) {
            __m256i all_true = _mm256_set1_epi8((char)l->is_true), all_may_be = _mm256_set1_epi8((char)l->may_be);
            for (const Use *u = job->use + l->first_use, *last = u + l->uses; u < last; u++) {
                const uint8_t *digit = job->scratch + (size_t)u->digit * BLOCK;
                const __m256i cells = _mm256_loadu_si256((const __m256i *)(digit + i));
                all_true = _mm256_and_si256(all_true, looked_up(u->is_true, u->cells, cells));
                all_may_be = _mm256_and_si256(all_may_be, looked_up(u->may_be, u->cells, cells));
            }
            any_true = _mm256_or_si256(any_true, all_true);
            any_may_be = _mm256_or_si256(any_may_be, all_may_be);
        }
        _mm256_storeu_si256((__m256i *)(is_true + i), any_true);
        _mm256_storeu_si256((__m256i *)(may_be + i), any_may_be);
    }
}

/* More than four shuffles take longer than looking up byte by byte. */
AVX2 static inline void translated_by_shuffles(const uint8_t *table, int size, const uint8_t *bytes, int rows,
                                               uint8_t *out) {
    int i = 0;
    if (size <= 4 * SHUFFLED)
        for (; i + LANES <= rows; i += LANES) {
            const __m256i found = looked_up(table, size, _mm256_loadu_si256((const __m256i *)(bytes + i)));
            _mm256_storeu_si256((__m256i *)(out + i), found);
        }
    translated_plainly(table, size, bytes + i, rows - i, out + i);
}
#endif

/* -- cells --------------------------------------------------------------------------------------------------------- */

typedef void Translated(const uint8_t *, int, const uint8_t *, int, uint8_t *);

INLINE void known_only(const uint8_t *known, int64_t start, int rows, uint8_t *restrict cells) {
    if (known)
        for (int i = 0; i < rows; i++) cells[i] &= (uint8_t)-known[start + i];
}

INLINE void widened(const void *codes, int width, int rows, uint32_t *restrict out) {
    if (width == 1)
        for (int i = 0; i < rows; i++) out[i] = ((const uint8_t *)codes)[i];
    else if (width == 2)
        for (int i = 0; i < rows; i++) out[i] = ((const uint16_t *)codes)[i];
    else
        memcpy(out, codes, (size_t)rows * 4);
}

INLINE void coded(const Digit *d, const void *codes, int rows, uint8_t *restrict cells, Translated *translated) {
    const uint8_t *table = d->cells;
    if (d->width == 1)
        translated(table, d->size, codes, rows, cells);
    else if (d->width == 2)
        for (int i = 0; i < rows; i++) cells[i] = table[((const uint16_t *)codes)[i]];
    else
        for (int i = 0; i < rows; i++) cells[i] = table[((const uint32_t *)codes)[i]];
}

/* How many cuts are not above each number; then the cell of that interval. */
#define CUT(TYPE)                                                                                                      \
    do {                                                                                                               \
        const TYPE *restrict values = first;                                                                           \
        uint8_t intervals[BLOCK];                                                                                      \
        memset(intervals, 0, (size_t)rows);                                                                            \
        for (int c = 0; c < d->cuts; c++) {                                                                            \
            const TYPE cut = ((const TYPE *)d->places)[c];                                                             \
            for (int i = 0; i < rows; i++) intervals[i] += values[i] >= cut;                                           \
        }                                                                                                              \
        translated(d->cells, d->cuts + 1, intervals, rows, cells);                                                     \
        known_only(d->known, start, rows, cells);                                                                      \
    } while (0)

#define COMPARE(TYPE)                                                                                                  \
    do {                                                                                                               \
        const TYPE *restrict values = first;                                                                           \
        const TYPE *restrict others = second;                                                                          \
        if (d->above)                                                                                                  \
            for (int i = 0; i < rows; i++) cells[i] = (uint8_t)(1 + (values[i] > others[i]));                          \
        else                                                                                                           \
            for (int i = 0; i < rows; i++) cells[i] = (uint8_t)(1 + (values[i] >= others[i]));                         \
        known_only(d->known, start, rows, cells);                                                                      \
        known_only(d->other_known, start, rows, cells);                                                                \
    } while (0)

/* Values, by what stands for each: 0 where one is unknown. */
INLINE void same(const Digit *d, const uint32_t *values, const uint32_t *others, int rows, uint8_t *restrict cells) {
    const uint32_t *places = d->places, *other_places = d->other_places;
    for (int i = 0; i < rows; i++) {
        const uint32_t own = places ? places[values[i]] : values[i], other = other_places[others[i]];
        cells[i] = (uint8_t)((1 + (own == other)) & -((own != 0) & (other != 0)));
    }
}

/* The same, where codes and what stands for them are bytes. */
INLINE void same_bytes(const Digit *d, const void *first, const void *second, int rows, uint8_t *restrict cells,
                       Translated *translated) {
    uint8_t own[BLOCK], other[BLOCK];
    translated(d->places, d->size, first, rows, own);
    translated(d->other_places, d->other_size, second, rows, other);
    for (int i = 0; i < rows; i++)
        cells[i] = (uint8_t)((1 + (own[i] == other[i])) & -((own[i] != 0) & (other[i] != 0)));
}

INLINE void pairs(const Digit *d, const void *first, const void *second, int rows, uint8_t *restrict cells,
                  Translated *translated) {
    const int size = d->size * d->other_size;
    if (d->width == 1 && d->other_width == 1 && size <= 256) {
        const uint8_t *restrict values = first;
        const uint8_t *restrict others = second;
        uint8_t both[BLOCK];
        for (int i = 0; i < rows; i++) both[i] = (uint8_t)(values[i] * d->other_size + others[i]);
        translated(d->cells, size, both, rows, cells);
    } else {
        uint32_t values[BLOCK], others[BLOCK];
        widened(first, d->width, rows, values);
        widened(second, d->other_width, rows, others);
        for (int i = 0; i < rows; i++) cells[i] = d->cells[values[i] * (uint32_t)d->other_size + others[i]];
    }
}

INLINE void known_codes_only(const uint8_t *known, const uint32_t *codes, int rows, uint8_t *restrict cells) {
    if (known)
        for (int i = 0; i < rows; i++) cells[i] &= (uint8_t)-known[codes[i]];
    else
        for (int i = 0; i < rows; i++) cells[i] &= (uint8_t)-(codes[i] != 0);
}

/* Sets as rows of bits, and of each text the place of its bit. */
INLINE void members(const Digit *d, const uint32_t *sets, const uint32_t *texts, int rows, uint8_t *restrict cells) {
    const uint16_t *restrict element = d->other_places;
    const uint8_t *restrict bits = d->cells;
    const size_t stride = (size_t)d->stride;
    for (int i = 0; i < rows; i++) {
        const uint32_t place = element[texts[i]];
        cells[i] = (uint8_t)(1 + (bits[sets[i] * stride + (place >> 3)] >> (place & 7) & 1));
    }
}

/* Sets as rows of words: whether one has any of the other's elements, or, where its words are those that it lacks, all.
   Most have few elements, so that the first words in which both have one come soon, or never. */
INLINE void common(const Digit *d, const uint32_t *sets, const uint32_t *others, int rows, uint8_t *restrict cells) {
    const uint64_t *restrict own = d->places, *restrict theirs = d->other_places;
    const size_t words = (size_t)d->stride;
    const uint8_t where_found = d->kind == ANY ? 2 : 1, where_not = d->kind == ANY ? 1 : 2;
    for (int i = 0; i < rows; i++) {
        const uint64_t *a = own + sets[i] * words, *b = theirs + others[i] * words;
        uint64_t found = 0;
        for (size_t n = 0; n < words; n++) found |= a[n] & b[n];
        cells[i] = found ? where_found : where_not;
    }
}

/* Where the values of some rows begin. */
INLINE const void *at(const void *values, int column, int width, int64_t start, const Column *columns) {
    if (column)
        return (const uint8_t *)columns[column - 1].codes + start % STRETCH * width;
    return values ? (const uint8_t *)values + start * width : values;
}

INLINE void cells_of(const Digit *d, const Column *columns, int64_t start, int rows, uint8_t *restrict cells,
                     Translated *translated) {
    const void *first = at(d->values, d->column, d->width, start, columns);
    const void *second = at(d->others, d->other_column, d->other_width, start, columns);
    uint32_t values[BLOCK], others[BLOCK];
    switch (d->kind) {
    case CELLS: memcpy(cells, first, (size_t)rows); break;
    case CODES: coded(d, first, rows, cells, translated); break;
    case INTEGERS: CUT(int64_t); break;
    case NUMBERS: CUT(double); break;
    case INTEGERS_COMPARED: COMPARE(int64_t); break;
    case NUMBERS_COMPARED: COMPARE(double); break;
    case SAME_BYTES: same_bytes(d, first, second, rows, cells, translated); break;
    case PAIRS: pairs(d, first, second, rows, cells, translated); break;
    default:
        widened(first, d->width, rows, values);
        widened(second, d->other_width, rows, others);
        if (d->kind == SAME) {
            same(d, values, others, rows, cells);
            return;
        }
        if (d->kind == MEMBERS)
            members(d, values, others, rows, cells);
        else
            common(d, values, others, rows, cells);
        known_codes_only(d->known, values, rows, cells);
        known_codes_only(d->other_known, others, rows, cells);
    }
}

/* -- codes --------------------------------------------------------------------------------------------------------- */

/* A byte of 0 or 1 for each of some bits, from any one on; no byte beyond the last of them is read. */
INLINE void unpacked(const uint8_t *bits, int64_t first, int rows, uint8_t *restrict out) {
    const uint8_t *bytes = bits + (first >> 3);
    const int shift = (int)(first & 7);
    int i = 0;
    for (; i + 8 <= rows; i += 8) {
        const uint64_t eight = (uint8_t)(shift ? bytes[i >> 3] >> shift | bytes[(i >> 3) + 1] << (8 - shift) : bytes[i >> 3]);
        const uint64_t spread = eight * 0x0101010101010101u & 0x8040201008040201u;
        const uint64_t found = (spread + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u;
        memcpy(out + i, &found, 8);
    }
    for (; i < rows; i++) out[i] = bytes[(i + shift) >> 3] >> ((i + shift) & 7) & 1;
}

/* Arrow's indices may begin at any byte: of a file that was mapped into memory, or of a part of a message. */
#define NUMBERED(FROM, TO)                                                                                             \
    do {                                                                                                               \
        const uint8_t *restrict values = (const uint8_t *)column->values + start * (int64_t)sizeof(FROM);              \
        TO *restrict codes = out;                                                                                      \
        for (int i = 0; i < rows; i++) {                                                                               \
            FROM index;                                                                                                \
            memcpy(&index, values + (size_t)i * sizeof(FROM), sizeof(FROM));                                           \
            codes[i] = (TO)((TO)index + 1);                                                                            \
        }                                                                                                              \
        if (column->known)                                                                                             \
            for (int i = 0; i < rows; i++) codes[i] &= (TO)-known[i];                                                  \
    } while (0)

#define NUMBERED_AS(TO)                                                                                                \
    do {                                                                                                               \
        if (column->width == 1) NUMBERED(uint8_t, TO);                                                                 \
        else if (column->width == 2) NUMBERED(uint16_t, TO);                                                           \
        else if (column->width == 4) NUMBERED(uint32_t, TO);                                                           \
        else NUMBERED(uint64_t, TO);                                                                                   \
    } while (0)

/* The codes of some rows, a stretch at most. */
INLINE void numbered(const Column *column, int64_t start, int rows, void *out) {
    uint8_t known[STRETCH];
    if (column->known) unpacked(column->known, column->offset + start, rows, known);
    if (column->width == 0) {
        uint8_t *restrict codes = out;
        unpacked(column->values, column->offset + start, rows, codes);
        for (int i = 0; i < rows; i++) codes[i] = (uint8_t)(codes[i] + 1);
        if (column->known)
            for (int i = 0; i < rows; i++) codes[i] &= (uint8_t)-known[i];
    } else if (column->code_width == 1) NUMBERED_AS(uint8_t);
    else if (column->code_width == 2) NUMBERED_AS(uint16_t);
    else NUMBERED_AS(uint32_t);
}

typedef void Numbered(const Column *, int64_t, int, void *);

INLINE void numbered_throughout(const Column *column, int64_t rows, Numbered *numbered_here) {
    for (int64_t start = 0; start < rows; start += STRETCH) {
        const int here = (int)(rows - start < STRETCH ? rows - start : STRETCH);
        numbered_here(column, start, here, (uint8_t *)column->codes + start * column->code_width);
    }
}

#if HAS_AVX2
/* A byte of all ones or of zeros for each of 32 bits, from any one on. */
AVX2 static inline __m256i spread(const uint8_t *bits, int64_t first) {
    const uint8_t *bytes = bits + (first >> 3);
    const int shift = (int)(first & 7);
    uint32_t here;
    memcpy(&here, bytes, sizeof here);
    if (shift) here = here >> shift | (uint32_t)bytes[4] << (32 - shift);
    const __m256i byte_of = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit_of = _mm256_set1_epi64x((int64_t)0x8040201008040201u);
    const __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int)here), byte_of), bit_of);
    return _mm256_cmpeq_epi8(found, bit_of);
}

/* The lowest bytes of 32 numbers of 32 bits. */
AVX2 static inline __m256i lowest(const uint8_t *values) {
    const __m256i low = _mm256_set1_epi32(0xFF), *parts = (const __m256i *)values;
    const __m256i first = _mm256_packus_epi32(_mm256_and_si256(_mm256_loadu_si256(parts), low),
                                              _mm256_and_si256(_mm256_loadu_si256(parts + 1), low));
    const __m256i second = _mm256_packus_epi32(_mm256_and_si256(_mm256_loadu_si256(parts + 2), low),
                                               _mm256_and_si256(_mm256_loadu_si256(parts + 3), low));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); /* packing goes by halves */
    return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(first, second), order);
}

/* The lower halves of 16 numbers of 32 bits. */
AVX2 static inline __m256i halves(const uint8_t *values) {
    const __m256i low = _mm256_set1_epi32(0xFFFF), *parts = (const __m256i *)values;
    const __m256i found = _mm256_packus_epi32(_mm256_and_si256(_mm256_loadu_si256(parts), low),
                                              _mm256_and_si256(_mm256_loadu_si256(parts + 1), low));
    return _mm256_permute4x64_epi64(found, 0xD8);
}

/* The same as `numbered`, of what there is most: columns of few values, as Arrow reads them, and booleans. */
AVX2 static inline void numbered_by_shuffles(const Column *column, int64_t start, int rows, void *out) {
    const __m256i one = _mm256_set1_epi8(1);
    const uint8_t *values = (const uint8_t *)column->values + start * column->width;
    uint8_t *codes = out;
    int i = 0;
    if (column->code_width == 1 && (column->width == 4 || column->width == 0))
        for (; i + LANES <= rows; i += LANES) {
            const int64_t first = column->offset + start + i;
            __m256i found = column->width ? _mm256_add_epi8(lowest(values + (size_t)i * 4), one)
                                          : _mm256_sub_epi8(one, spread(column->values, first));
            if (column->known) found = _mm256_and_si256(found, spread(column->known, first));
            _mm256_storeu_si256((__m256i *)(codes + i), found);
        }
    if (column->code_width == 2 && column->width == 4)
        for (; i + LANES <= rows; i += LANES) {
            const __m256i here = column->known ? spread(column->known, column->offset + start + i) : _mm256_set1_epi8(-1);
            const __m256i first = _mm256_add_epi16(halves(values + (size_t)i * 4), _mm256_set1_epi16(1));
            const __m256i second = _mm256_add_epi16(halves(values + (size_t)i * 4 + 64), _mm256_set1_epi16(1));
            const __m256i low = _mm256_cvtepi8_epi16(_mm256_castsi256_si128(here));
            const __m256i high = _mm256_cvtepi8_epi16(_mm256_extracti128_si256(here, 1));
            _mm256_storeu_si256((__m256i *)(codes + (size_t)i * 2), _mm256_and_si256(first, low));
            _mm256_storeu_si256((__m256i *)(codes + (size_t)i * 2 + 32), _mm256_and_si256(second, high));
        }
    numbered(column, start + i, rows - i, codes + (size_t)i * (size_t)column->code_width);
}
#endif

/* -- rows of bits ---------------------------------------------------------------------------------------------------- */

#define SWAPPED(SHIFT, LOW)                                                                                            \
    for (int first = 0; first < 64; first += 2 * SHIFT)                                                                \
        for (int i = first; i < first + SHIFT; i++) {                                                                  \
            const uint64_t differ = (block[i] >> SHIFT ^ block[i + SHIFT]) & LOW;                                      \
            block[i] ^= differ << SHIFT;                                                                               \
            block[i + SHIFT] ^= differ;                                                                                \
        }

/* 64 rows of 64 bits turned round their diagonal: parts of halves change places, then parts of these. */
INLINE void turned(uint64_t *restrict block) {
    SWAPPED(32, 0x00000000FFFFFFFFu)
    SWAPPED(16, 0x0000FFFF0000FFFFu)
    SWAPPED(8, 0x00FF00FF00FF00FFu)
    SWAPPED(4, 0x0F0F0F0F0F0F0F0Fu)
    SWAPPED(2, 0x3333333333333333u)
    SWAPPED(1, 0x5555555555555555u)
}

/* Some words of bits for each row, of sets that have a bit for each row: what is NULL has none. Of a few sets at a time
   a stretch of rows is read: of all of them at once, nothing would be fetched ahead. */
INLINE void spread_out(const uint8_t *const *sets, int count, int64_t rows, int words, uint64_t *restrict out) {
    uint64_t block[64];
    for (int64_t first = 0; first < rows; first += STRETCH)
        for (int word = 0; word < words; word++) {
            const int own = count - 64 * word < 64 ? count - 64 * word : 64;
            for (int64_t start = first; start < rows && start < first + STRETCH; start += 64) {
                const int here = (int)(rows - start < 64 ? rows - start : 64);
                memset(block, 0, sizeof block);
                for (int n = 0; n < own; n++) {
                    const uint8_t *set = sets[64 * word + n];
                    if (set && here == 64) memcpy(block + n, set + (start >> 3), 8);
                    else if (set) memcpy(block + n, set + (start >> 3), (size_t)(here + 7) >> 3);
                }
                turned(block);
                for (int i = 0; i < here; i++) out[(start + i) * words + word] = block[i];
            }
        }
}

/* -- a batch ------------------------------------------------------------------------------------------------------- */

typedef void PlaneOf(const Job *, const Plane *, int, uint8_t *restrict, uint8_t *restrict);

/* Note which rows have an error, or may have one; and leave of what may be what is open. */
INLINE void noted(uint8_t errors, int lanes, const uint8_t *restrict is_true, const uint8_t *restrict may_be,
                  uint8_t *restrict is_open, uint8_t *restrict fails, uint8_t *restrict may_fail) {
    for (int i = 0; i < lanes; i++) {
        fails[i] |= is_true[i] & errors;
        may_fail[i] |= may_be[i] & errors;
        is_open[i] = may_be[i] & (uint8_t)~is_true[i];
    }
}

INLINE void levelled(int lanes, const uint8_t *restrict fails, const uint8_t *restrict may_fail,
                     uint8_t *restrict level) {
    for (int i = 0; i < lanes; i++) level[i] = (uint8_t)((fails[i] != 0) + (may_fail[i] != 0));
}

INLINE void judged(const Job *job, Translated *translated, PlaneOf *plane_of, Numbered *numbered_here) {
    uint8_t fails[BLOCK], may_fail[BLOCK], may_be[BLOCK];
    for (int64_t start = 0; start < job->rows; start += BLOCK) {
        const int rows = (int)(job->rows - start < BLOCK ? job->rows - start : BLOCK);
        const int lanes = (rows + LANES - 1) / LANES * LANES;
        if (start % STRETCH == 0)
            for (const Column *c = job->column; c < job->column + job->columns; c++)
                numbered_here(c, start, (int)(job->rows - start < STRETCH ? job->rows - start : STRETCH), c->codes);
        for (int n = 0; n < job->digits; n++) {
            uint8_t *cells = job->scratch + (size_t)n * BLOCK;
            cells_of(job->digit + n, job->column, start, rows, cells, translated);
            memset(cells + rows, 0, (size_t)(lanes - rows));
        }
        memset(fails, 0, (size_t)lanes);
        memset(may_fail, 0, (size_t)lanes);
        for (int n = 0; n < job->planes; n++) {
            uint8_t *is_true = job->is_true + n * job->stride + start;
            plane_of(job, job->plane + n, lanes, is_true, may_be);
            noted(job->plane[n].errors, lanes, is_true, may_be, job->is_open + n * job->stride + start, fails, may_fail);
        }
        levelled(lanes, fails, may_fail, job->level + start);
    }
}

INLINE void put(const Part *parts, int count, int64_t rows, uint64_t *restrict words) {
    for (int64_t start = 0; start < rows; start += BLOCK) {
        const int here = (int)(rows - start < BLOCK ? rows - start : BLOCK);
        memset(words + start, 0, (size_t)here * 8);
        for (const Part *p = parts; p < parts + count; p++) {
            const uint8_t *bytes = p->bytes + start;
            uint64_t *restrict out = words + start;
            if (p->bits)
                for (int i = 0; i < here; i++) out[i] |= p->bits[bytes[i]];
            else
                for (int i = 0; i < here; i++) out[i] |= (uint64_t)bytes[i] << p->shift;
        }
    }
}

INLINE void written(const Digit *digit, int64_t rows, uint8_t *cells, Translated *translated) {
    for (int64_t start = 0; start < rows; start += BLOCK)
        cells_of(digit, NULL, start, (int)(rows - start < BLOCK ? rows - start : BLOCK), cells + start, translated);
}

#if HAS_AVX2
AVX2 static void written_by_shuffles(const Digit *digit, int64_t rows, uint8_t *cells) {
    written(digit, rows, cells, translated_by_shuffles);
}
AVX2 static void numbered_widely(const Column *column, int64_t rows) {
    numbered_throughout(column, rows, numbered_by_shuffles);
}
AVX2 static void judged_by_shuffles(const Job *job) {
    judged(job, translated_by_shuffles, plane_by_shuffles, numbered_by_shuffles);
}
AVX2 static void spread_out_widely(const uint8_t *const *sets, int count, int64_t rows, int words, uint64_t *out) {
    spread_out(sets, count, rows, words, out);
}
AVX2 static void put_by_shuffles(const Part *parts, int count, int64_t rows, uint64_t *words) {
    put(parts, count, rows, words);
}
#endif

/* What the functions are told: those that call them tell it by this version. */
EXPORT int imagefit_version(void) { return VERSION; }

/* Whether this processor has what the quicker code needs. */
EXPORT int imagefit_has_avx2(void) {
#if HAS_AVX2
    return __builtin_cpu_supports("avx2") != 0;
#else
    return 0;
#endif
}

/* Judge the rows of a job: the true conditions, the open ones, the level (2: an error is true, 1: one is open). */
EXPORT void imagefit_judge(const Job *job, int avx2) {
#if HAS_AVX2
    if (avx2) {
        judged_by_shuffles(job);
        return;
    }
#endif
    (void)avx2;
    judged(job, translated_plainly, plane_plainly, numbered);
}

/* Write the cells of a digit for all rows: for one whose tables would push those of others out of the cache. */
EXPORT void imagefit_cells(const Digit *digit, int64_t rows, uint8_t *cells, int avx2) {
#if HAS_AVX2
    if (avx2) {
        written_by_shuffles(digit, rows, cells);
        return;
    }
#endif
    (void)avx2;
    written(digit, rows, cells, translated_plainly);
}

/* Put bytes of planes together to a word for each row. */
EXPORT void imagefit_words(const Part *parts, int count, int64_t rows, uint64_t *words, int avx2) {
#if HAS_AVX2
    if (avx2) {
        put_by_shuffles(parts, count, rows, words);
        return;
    }
#endif
    (void)avx2;
    put(parts, count, rows, words);
}

/* Write for each row in which of some sets it is, as bits of words. Bits of a set that stand for no row are not set. */
EXPORT void imagefit_rows(const uint8_t *const *sets, int count, int64_t rows, int words, uint64_t *out, int avx2) {
#if HAS_AVX2
    if (avx2) {
        spread_out_widely(sets, count, rows, words, out);
        return;
    }
#endif
    (void)avx2;
    spread_out(sets, count, rows, words, out);
}

/* Find for each row of words the first of its group's patterns that it fits, or -1. A pattern has a mask, and then what
   the words are that are not masked out. Those of group g are from first[g] on, and before first[g + 1]. */
EXPORT void imagefit_fits(const uint64_t *rows, const int32_t *groups, int64_t count, int words, const int32_t *first,
                          const uint64_t *patterns, int32_t *found) {
    for (int64_t row = 0; row < count; row++, rows += words) {
        const int32_t last = first[groups[row] + 1];
        int32_t at = first[groups[row]];
        for (; at < last; at++) {
            const uint64_t *mask = patterns + (int64_t)at * 2 * words, *wanted = mask + words;
            int word = 0;
            while (word < words && (rows[word] & mask[word]) == wanted[word]) word++;
            if (word == words) break;
        }
        found[row] = at < last ? at : -1;
    }
}

/* Make the codes of some columns. */
EXPORT void imagefit_codes(const Column *columns, int count, int64_t rows, int avx2) {
    for (const Column *column = columns; column < columns + count; column++) {
#if HAS_AVX2
        if (avx2) {
            numbered_widely(column, rows);
            continue;
        }
#endif
        (void)avx2;
        numbered_throughout(column, rows, numbered);
    }
}

/* So many bytes may be read behind the texts of some columns, and written behind rows of text. */
static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "_kernel", .m_doc = "Judging columns, compiled.", .m_size = -1};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModule_Create(&module); }
