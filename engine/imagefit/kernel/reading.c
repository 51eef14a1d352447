/* Lines of JSON and rows of CSV, read as columns: each text is looked up among those of its column at once, so that a
   column is codes. And texts told apart, and gathered.

   What is told is nothing but what is sure: of a block that has anything else, DOUBT is said in place of its rows, and
   others read it. Nothing is checked of what Python tells: that arrays are as long as is said is for those to see to who
   call it. */

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "exported.h"

enum { DOUBT = -1, MOST_EMPTY = 64, MOST_LOOKED_AT = 4 }; /* the last: columns, for each byte of lines */

enum Of { NULLS, BOOLEANS, WHOLE_NUMBERS, NUMBERS, TEXTS, LISTS, EMPTY_LISTS, PLAIN_TEXTS };

/* Texts, each as it stands between its quotes or brackets, told apart; of PLAIN_TEXTS, the text of each row. */
typedef struct {
    int32_t count, escaped;       /* out: different ones, and whether one has an escape */
    int64_t mask;                 /* slots less one: a power of two, at least twice as many as there are texts at most */
    int64_t steps;                /* so many more may be taken to find places */
    int32_t *slots;               /* scratch, of zeros: codes plus one */
    int32_t *places, *sizes;      /* out: where each stands; sizes of PLAIN_TEXTS are zeros before */
} Texts;

typedef struct {
    const uint8_t *name;
    int64_t name_size, row;       /* row: scratch, -1 before the first */
    int32_t of, elements;         /* elements: out, of all different lists */
    uint8_t *known;               /* out: 1 for each row that has a value; zeros before */
    void *values;                 /* out: bytes, int64, doubles, or int32 for codes */
    Texts texts;
} ReadColumn;

/* Bytes that mean nothing but themselves in a text of JSON. */
#define PLAIN(byte) ((byte) >= 0x20 && (byte) != '"' && (byte) != '\\')

/* Of eight bytes, the top bits of those that are below another, or the same; of bytes behind the first, perhaps more. */
#define EACH(byte) ((uint64_t)(byte) * UINT64_C(0x0101010101010101))
#define BELOW(eight, byte) (((eight) - EACH(byte)) & ~(eight) & EACH(0x80))
#define SAME(eight, byte) BELOW((eight) ^ EACH(byte), 1)

static const double TENS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { MOST_TENS = 22, MOST_DIGITS = 18, MOST_DIVIDED = 18 };
static const int64_t EXACT = (int64_t)1 << 53;

INLINE const uint8_t *after_blanks(const uint8_t *at, const uint8_t *end) {
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    return at;
}

INLINE uint64_t mixed(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

INLINE uint64_t eight_at(const uint8_t *at) {
    uint64_t found;
    memcpy(&found, at, 8);
    return found;
}

INLINE uint64_t four_at(const uint8_t *at) {
    uint32_t found;
    memcpy(&found, at, 4);
    return found;
}

/* The last bytes of a text, of eight at most, the first of which may have been looked at before. */
INLINE uint64_t last_of(const uint8_t *text, int64_t size) {
    if (size >= 8) return eight_at(text + size - 8);
    if (size >= 4) return four_at(text) << 32 | four_at(text + size - 4);
    return size ? (uint64_t)text[0] << 16 | (uint64_t)text[size / 2] << 8 | text[size - 1] : 0;
}

INLINE uint64_t hash_of(const uint8_t *text, int64_t size) {
    uint64_t hash = (uint64_t)size;
    for (int64_t at = 0; at + 8 < size; at += 8) hash = mixed(hash, eight_at(text + at));
    return mixed(hash, last_of(text, size));
}

INLINE int is_same(const uint8_t *text, const uint8_t *other, int64_t size) {
    for (int64_t at = 0; at + 8 < size; at += 8)
        if (eight_at(text + at) != eight_at(other + at)) return 0;
    return last_of(text, size) == last_of(other, size);
}

/* Return the code of a text, or DOUBT where it takes too many steps to find: somebody may have made texts so. */
INLINE int32_t code_of(Texts *texts, const uint8_t *all, const uint8_t *text, int64_t size) {
    for (uint64_t slot = hash_of(text, size) >> 16;; slot++) {
        int32_t *found = texts->slots + (slot & (uint64_t)texts->mask);
        if (*found == 0) {
            texts->places[texts->count] = (int32_t)(text - all);
            texts->sizes[texts->count] = (int32_t)size;
            *found = ++texts->count;
            return *found - 1;
        }
        const int32_t code = *found - 1;
        if (texts->sizes[code] == size && is_same(all + texts->places[code], text, size)) return code;
        if (--texts->steps < 0) return DOUBT;
    }
}

/* Put a text into a row; return whether it could be told apart. */
INLINE int put_text(ReadColumn *column, const uint8_t *all, int64_t row, const uint8_t *text, const uint8_t *end) {
    Texts *texts = &column->texts;
    if (column->of == PLAIN_TEXTS) {
        texts->places[row] = (int32_t)(text - all);
        texts->sizes[row] = (int32_t)(end - text);
        return 1;
    }
    const int32_t code = code_of(texts, all, text, end - text);
    ((int32_t *)column->values)[row] = code;
    return code >= 0;
}

/* Return where the quote is that ends a text; NULL if there is none, or something that may not be in it. */
INLINE const uint8_t *end_of_text(const uint8_t *at, const uint8_t *end, int32_t *escaped) {
    for (; at < end; at++) {
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        while (end - at >= 8) {
            const uint64_t eight = eight_at(at);
            const uint64_t odd = BELOW(eight, 0x20) | SAME(eight, '"') | SAME(eight, '\\');
            at += odd ? __builtin_ctzll(odd) / 8 : 8;
            if (odd) break;
        }
        if (at == end) break;
#endif
        if (PLAIN(*at)) continue;
        if (*at == '"') return at;
        if (*at != '\\' || ++at == end || *at < 0x20) return NULL;
        *escaped = 1;
    }
    return NULL;
}

/* Return where the bracket is that ends a list of texts; NULL if there is none. */
INLINE const uint8_t *end_of_list(const uint8_t *at, const uint8_t *end, int32_t *escaped, int32_t *elements) {
    at = after_blanks(at, end);
    *elements = 0;
    if (at < end && *at == ']') return at;
    for (;; at++) {
        at = after_blanks(at, end);
        if (at == end || *at != '"' || (at = end_of_text(at + 1, end, escaped)) == NULL) return NULL;
        at = after_blanks(at + 1, end);
        ++*elements;
        if (at == end || (*at != ',' && *at != ']')) return NULL;
        if (*at == ']') return at;
    }
}

/* Return what is nearest to so many digits, of at most 18, by a power of ten that is exact; less than 0 if that is not
   sure. Both are exact in doubles, or the quotient is made of whole numbers, with what is left to say how it is rounded:
   to the even one, of two that are as near. */
INLINE double scaled(int64_t digits, int64_t tens) {
    if (tens > MOST_TENS || tens < -MOST_TENS || FLT_EVAL_METHOD != 0) return -1;
    if (digits <= EXACT) return tens < 0 ? (double)digits / TENS[-tens] : (double)digits * TENS[tens];
#if defined(__SIZEOF_INT128__)
    if (tens < 0 && tens >= -MOST_DIVIDED) {
        const int shift = 63 + __builtin_clzll((uint64_t)digits);
        const unsigned __int128 number = (unsigned __int128)digits << shift;
        const uint64_t divisor = (uint64_t)TENS[-tens];
        const unsigned __int128 quotient = number / divisor;
        const uint64_t high = (uint64_t)(quotient >> 64);
        const int bits = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)quotient);
        const int dropped = bits - 53;
        const unsigned __int128 half = (unsigned __int128)1 << (dropped - 1), rest = quotient & (2 * half - 1);
        uint64_t found = (uint64_t)(quotient >> dropped);
        found += rest > half || (rest == half && (quotient * divisor != number || (found & 1)));
        const uint64_t power = (uint64_t)(1023 + dropped - shift) << 52;
        double two;
        memcpy(&two, &power, sizeof two);
        return (double)found * two;
    }
#endif
    return -1;
}

/* Read a number into a row; return where it ends, or NULL. */
INLINE const uint8_t *after_number(const uint8_t *at, const uint8_t *end, ReadColumn *column, int64_t row) {
    const int is_negative = *at == '-';
    const uint8_t *first = at += is_negative;
    int64_t digits = 0, tens = 0, exponent = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - first < MOST_DIGITS) digits = digits * 10 + (*at++ - '0');
    if (at == first || (*first == '0' && at - first > 1)) return NULL;
    const int is_whole = at == end || (*at != '.' && *at != 'e' && *at != 'E');
    if (is_whole && column->of == WHOLE_NUMBERS) {
        ((int64_t *)column->values)[row] = is_negative ? -digits : digits;
        return at;
    }
    if (column->of != NUMBERS) return NULL;
    int64_t count = at - first;
    if (at < end && *at == '.') {
        const uint8_t *point = ++at;
        for (; at < end && *at >= '0' && *at <= '9' && count < MOST_DIGITS; at++, count++)
            digits = digits * 10 + (*at - '0');
        tens = point - at;
        if (tens == 0) return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        const int is_small = at < end && *at == '-';
        at += at < end && (*at == '-' || *at == '+');
        const uint8_t *power = at;
        while (at < end && *at >= '0' && *at <= '9' && at - power < 3) exponent = exponent * 10 + (*at++ - '0');
        if (at == power) return NULL;
        tens += is_small ? -exponent : exponent;
    }
    const double found = is_negative && digits == 0 ? -1 : scaled(digits, tens);
    if (found < 0 || found >= (double)EXACT) return NULL;
    ((double *)column->values)[row] = is_negative ? -found : found;
    return at;
}

INLINE const uint8_t *after_word(const uint8_t *at, const uint8_t *end, const char *word, int size) {
    return end - at >= size && memcmp(at, word, (size_t)size) == 0 ? at + size : NULL;
}

/* Read a value of the column's kind into a row; return where it ends, or NULL. */
INLINE const uint8_t *after_value(const uint8_t *all, const uint8_t *at, const uint8_t *end, ReadColumn *column,
                                  int64_t row) {
    Texts *texts = &column->texts;
    const uint8_t *last;
    int32_t elements;
    if (at == end) return NULL;
    switch (*at) {
    case '"':
        last = end_of_text(at + 1, end, &texts->escaped);
        if (last == NULL || (column->of != TEXTS && column->of != PLAIN_TEXTS)) return NULL;
        if (!put_text(column, all, row, at + 1, last)) return NULL;
        at = last + 1;
        break;
    case '[':
        last = end_of_list(at + 1, end, &texts->escaped, &elements);
        if (last == NULL || (column->of != LISTS && (column->of != EMPTY_LISTS || elements))) return NULL;
        if (column->of == LISTS) {
            const int32_t before = texts->count;
            if (!put_text(column, all, row, at + 1, last)) return NULL;
            if (texts->count > before) column->elements += elements;
        }
        at = last + 1;
        break;
    case 't':
    case 'f':
        if (column->of != BOOLEANS) return NULL;
        ((uint8_t *)column->values)[row] = *at == 't';
        at = *at == 't' ? after_word(at, end, "true", 4) : after_word(at, end, "false", 5);
        break;
    case 'n':
        return after_word(at, end, "null", 4);
    default:
        at = column->of == NUMBERS || column->of == WHOLE_NUMBERS ? after_number(at, end, column, row) : NULL;
    }
    column->known[row] = 1;
    return at;
}

/* Return the column of a name, mostly the one after that of the name before; NULL if there is none, or the steps to find
   it are used up. */
INLINE ReadColumn *column_of(ReadColumn *columns, int count, int next, const uint8_t *name, int64_t size,
                             int64_t *steps) {
    for (int tried = 0; tried < count && --*steps >= 0; tried++, next++) {
        ReadColumn *column = columns + (next < count ? next : next - count);
        if (column->name_size == size && is_same(column->name, name, size)) return column;
    }
    return NULL;
}

/* Return how many of some bytes are this one. */
EXPORT int64_t imagefit_count(const uint8_t *at, int64_t size, int byte) {
    int64_t found = 0;
    for (int64_t place = 0; place < size; place++) found += at[place] == (byte & 0xFF);
    return found;
}

/* Read lines of which each is an object of at most so many bytes; return how many there are, or DOUBT. */
EXPORT int64_t imagefit_lines(const uint8_t *all, int64_t size, ReadColumn *columns, int count, int64_t rows,
                              int64_t longest) {
    const uint8_t *at = all, *end = all + size;
    int64_t row = 0, steps = MOST_LOOKED_AT * size;
    for (; at < end; row++) {
        const uint8_t *begin = at;
        if (row == rows || *at != '{') return DOUBT;
        at = after_blanks(at + 1, end);
        int next = 0;
        while (at < end && *at == '"') {
            int32_t escaped = 0;
            const uint8_t *name = at + 1;
            if ((at = end_of_text(name, end, &escaped)) == NULL || escaped) return DOUBT;
            ReadColumn *column = column_of(columns, count, next, name, at - name, &steps);
            if (column == NULL || column->row == row) return DOUBT; /* or the same name twice */
            column->row = row;
            next = (int)(column - columns) + 1;
            at = after_blanks(at + 1, end);
            if (at == end || *at != ':') return DOUBT;
            if ((at = after_value(all, after_blanks(at + 1, end), end, column, row)) == NULL) return DOUBT;
            at = after_blanks(at, end);
            if (at == end || *at != ',') break;
            at = after_blanks(at + 1, end);
            if (at == end || *at != '"') return DOUBT;
        }
        if (at == end || *at++ != '}' || at - begin > longest) return DOUBT;
        at += at < end && *at == '\r';
        if (at < end && *at++ != '\n') return DOUBT;
    }
    return row;
}

/* Where a list of objects was left off. */
typedef struct {
    int64_t size, most;           /* bytes of the object, or of what is between two; how many there may be */
    int32_t depth, next;          /* of brackets; what may come between objects */
    int32_t is_text, is_escaped;  /* whether it is within a text, and behind a backslash */
} Spread;

enum { BEGIN, OBJECT_OR_END, COMMA_OR_END, OBJECT, NOTHING };

/* Write the objects of a list as lines, in as much room as they take; return how many bytes these are, or DOUBT where it
   is none. Blanks that hold more than one become one; what is within an object is for those to judge who read lines. */
EXPORT int64_t imagefit_spread(Spread *spread, const uint8_t *at, int64_t size, uint8_t *out) {
    const uint8_t *end = at + size;
    uint8_t *begin = out;
    int is_blank = 0;
    for (; at < end; at++) {
        const uint8_t byte = *at;
        if (++spread->size > spread->most) return DOUBT;
        if (spread->is_text) {
            *out++ = byte;
            spread->is_text = byte != '"' || spread->is_escaped;
            spread->is_escaped = byte == '\\' && !spread->is_escaped;
            is_blank = 0;
        } else if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
            if (spread->depth > 1 && !is_blank) *out++ = ' ';
            is_blank = 1;
        } else if (spread->depth > 1) {
            *out++ = byte;
            spread->is_text = byte == '"';
            spread->depth += (byte == '{' || byte == '[') - (byte == '}' || byte == ']');
            if (spread->depth == 1) {
                spread->next = COMMA_OR_END;
                spread->size = 0;
            }
            is_blank = 0;
        } else if (byte == '{' && (spread->next == OBJECT || spread->next == OBJECT_OR_END)) {
            *out++ = byte;
            spread->depth = 2;
            spread->size = 1;
            is_blank = 0;
        } else if (byte == ',' && spread->next == COMMA_OR_END) {
            *out++ = '\n';
            spread->next = OBJECT;
        } else if (byte == ']' && (spread->next == COMMA_OR_END || spread->next == OBJECT_OR_END)) {
            spread->next = NOTHING;
        } else if (byte == '[' && spread->next == BEGIN) {
            spread->depth = 1;
            spread->next = OBJECT_OR_END;
        } else
            return DOUBT;
    }
    return out - begin;
}

/* Return where a cell ends, and in `text` and `last` what it is; NULL if nothing says that it ends. */
INLINE const uint8_t *after_cell(const uint8_t *at, const uint8_t *end, const uint8_t *is_end, int32_t *escaped,
                                 const uint8_t **text, const uint8_t **last) {
    if (at == end || *at != '"') {
        *text = at;
        while (at < end && !is_end[*at]) at++;
        *last = at;
        return at;
    }
    for (*text = ++at; at < end; at++) {
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        while (end - at >= 8) {
            const uint64_t eight = eight_at(at), odd = SAME(eight, '"') | SAME(eight, 0);
            at += odd ? __builtin_ctzll(odd) / 8 : 8;
            if (odd) break;
        }
        if (at == end) break;
#endif
        if (*at == 0) return NULL;
        if (*at != '"') continue;
        if (at + 1 == end || at[1] != '"') {
            *last = at;
            return at + 1;
        }
        *escaped = 1;
        at++;
    }
    return NULL;
}

/* Read so many rows of cells at most; return how many there are, or DOUBT, and in `read` where the next one begins.
   Unless they are the last, a row that goes on beyond the end of the text is left to be read with what follows. */
EXPORT int64_t imagefit_csv(const uint8_t *all, int64_t size, ReadColumn *columns, int count, int64_t rows,
                              int delimiter, int are_last, int64_t *read) {
    const uint8_t *at = all, *end = all + size, *begin = all, *text, *last;
    uint8_t is_end[256] = {0};
    int64_t row = 0;
    int empty = 0, place = 0;
    is_end[0] = is_end['\n'] = is_end['\r'] = is_end['"'] = is_end[delimiter & 0xFF] = 1;
    while (row < rows && at < end) {
        for (begin = at, place = 0;; at++) {
            ReadColumn *column = columns + place;
            const int is_quoted = at < end && *at == '"';
            if (place == count) return DOUBT;
            at = after_cell(at, end, is_end, &column->texts.escaped, &text, &last);
            if (at == NULL && are_last) return DOUBT;
            if (at == NULL) goto ended;
            if (at < end && (*at == '"' || *at == 0)) return DOUBT;
            if (place == 0 && last == begin && !is_quoted && (at == end || *at != delimiter)) break; /* an empty line */
            if (at == end && !are_last) goto ended;
            if (!put_text(column, all, row, text, last)) return DOUBT;
            place++;
            if (at == end || *at != delimiter) break;
        }
        if (place != 0 && place != count) return DOUBT;
        if (place == 0 && ++empty > MOST_EMPTY) return DOUBT;
        if (at < end && *at == '\r' && ++at == end && !are_last) goto ended;
        if (at < end && *at++ != '\n') return DOUBT;
        row += place != 0;
    }
    begin = at;
    place = 0;
ended: /* what was told apart of a row that is not whole is no text of these rows */
    for (ReadColumn *column = columns; column < columns + place; column++) {
        Texts *texts = &column->texts;
        if (column->of == PLAIN_TEXTS || texts->places[texts->count - 1] < begin - all) continue;
        texts->count--;
    }
    *read = begin - all;
    return row;
}

/* Return whether bytes are UTF-8: of the shortest form, no halves of surrogate pairs, nothing beyond U+10FFFF. */
EXPORT int imagefit_is_utf8(const uint8_t *at, int64_t size) {
    const uint8_t *end = at + size;
    while (at < end) {
        uint64_t eight = UINT64_MAX;
        if (end - at >= 8) memcpy(&eight, at, 8);
        if ((eight & UINT64_C(0x8080808080808080)) == 0) {
            at += 8;
            continue;
        }
        const uint8_t first = *at;
        const int more = first < 0x80 ? 0 : first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : -1;
        if (more < 0 || end - at <= more) return 0;
        if (more > 0 && (at[1] < (first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80) ||
                         at[1] > (first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF)))
            return 0;
        for (int i = 2; i <= more; i++)
            if ((at[i] & 0xC0) != 0x80) return 0;
        at += more + 1;
    }
    return 1;
}

/* Find the elements of lists that were read. */
EXPORT void imagefit_elements(const uint8_t *all, const int32_t *places, const int32_t *sizes, int64_t lists,
                              int32_t *ends, int32_t *element_places, int32_t *element_sizes) {
    int32_t count = 0, escaped;
    for (int64_t list = 0; list < lists; list++) {
        const uint8_t *at = all + places[list], *end = at + sizes[list];
        while (at < end) {
            if (*at++ != '"') continue;
            const uint8_t *last = end_of_text(at, end, &escaped);
            if (last == NULL) break;
            element_places[count] = (int32_t)(at - all);
            element_sizes[count++] = (int32_t)(last - at);
            at = last + 1;
        }
        ends[list] = count;
    }
}

/* Tell apart texts, or their parts between a byte: the code of each, and where the last one of each text ends. Of what is
   not known there is a text with the first code, and no part. Return how many codes there are, or DOUBT. */
EXPORT int64_t imagefit_told_apart(const uint8_t *all, const int32_t *bounds, const uint8_t *known, int64_t bit,
                                   int64_t count, int between, Texts *texts, int32_t *codes, int32_t *ends) {
    int64_t found = 0;
    for (int64_t text = 0; text < count; text++, bit++) {
        const uint8_t *at = all + bounds[text], *end = all + bounds[text + 1], *last = end;
        int is_known = known == NULL || (known[bit >> 3] >> (bit & 7) & 1);
        if (!is_known && between < 0) codes[found++] = 0;
        for (; is_known; at = last + 1) {
            const uint8_t *next = between < 0 || at == end ? NULL : memchr(at, between, (size_t)(end - at));
            last = next == NULL ? end : next;
            if ((codes[found] = code_of(texts, all, at, last - at)) < 0) return DOUBT;
            found++;
            is_known = next != NULL;
        }
        if (between >= 0) ends[text] = (int32_t)found;
    }
    return found;
}

/* Find a number for each of some texts, whose ends are 4 or 8 bytes wide: the same for the same. */
EXPORT void imagefit_hashes(const uint8_t *texts, const void *ends, int width, int64_t count, uint64_t *out) {
    for (int64_t text = 0; text < count; text++) {
        const int64_t begin = width == 4 ? ((const int32_t *)ends)[text] : ((const int64_t *)ends)[text];
        const int64_t end = width == 4 ? ((const int32_t *)ends)[text + 1] : ((const int64_t *)ends)[text + 1];
        out[text] = hash_of(texts + begin, end - begin);
    }
}

/* Put texts together, one after the other. */
EXPORT void imagefit_gather(const uint8_t *all, const int32_t *places, const int32_t *sizes, int64_t count,
                            uint8_t *out) {
    for (int64_t text = 0; text < count; text++) {
        memcpy(out, all + places[text], (size_t)sizes[text]);
        out += sizes[text];
    }
}
