/* Texts put together from texts that lie elsewhere: rows of a table, and lines of which most are the same but for a few
   values.

   Nothing is checked of what Python tells: that codes are places of texts is for those to see to who call it. */

#include <stdint.h>
#include <string.h>

#include "exported.h"

enum { PADDING = 32 };

/* How a column stands in rows of text. Pointers are at the first row's, but for `known`, whose first bit is `bit`. */
typedef struct {
    int64_t bit;
    int32_t width;                /* bytes of a code; 0: texts stand in the order of the rows */
    int32_t offset_width;         /* bytes of an offset of the texts, 4 or 8 */
    int32_t before_size, after_size, between_size, unknown_size;
    int32_t is_whole, unknown_code; /* whether texts are all that is to be written, with one for null, and PADDING behind */
    const uint8_t *before, *after, *between, *unknown; /* around a text, between those of a list, instead of all that */
    const uint8_t *known;         /* a bit for each row; NULL: all */
    const void *codes, *offsets;
    const uint8_t *texts;
    const int32_t *lists;         /* where each row's codes begin, and where the last one's end; NULL: a row has one */
} Cell;

/* Numbers of Arrow's may lie at any address. */
INLINE int64_t int_at(const void *numbers, int64_t place) {
    int32_t found;
    memcpy(&found, (const uint8_t *)numbers + 4 * place, 4);
    return found;
}

INLINE int64_t long_at(const void *numbers, int64_t place) {
    int64_t found;
    memcpy(&found, (const uint8_t *)numbers + 8 * place, 8);
    return found;
}

INLINE int64_t code_at(const Cell *cell, int64_t place) {
    uint16_t found;
    switch (cell->width) {
    case 0: return place;
    case 1: return ((const uint8_t *)cell->codes)[place];
    case 2: memcpy(&found, (const uint8_t *)cell->codes + 2 * place, 2); return found;
    case 4: return int_at(cell->codes, place);
    default: return long_at(cell->codes, place);
    }
}

INLINE int64_t offset_at(const Cell *cell, int64_t code) {
    return cell->offset_width == 4 ? int_at(cell->offsets, code) : long_at(cell->offsets, code);
}

INLINE int is_known_at(const Cell *cell, int64_t row) {
    int64_t bit = cell->bit + row;
    return cell->known == NULL || (cell->known[bit >> 3] >> (bit & 7) & 1);
}

INLINE int64_t code_or_unknown_at(const Cell *cell, int64_t row) {
    const int64_t code = code_at(cell, row);
    return is_known_at(cell, row) ? code : cell->unknown_code;
}

/* Most texts are short: two copies of one size, which may overlap, take less than a call. */
INLINE uint8_t *appended(uint8_t *out, const uint8_t *texts, int64_t begin, int64_t end) {
    const int64_t size = end - begin;
    const uint8_t *from = texts + begin;
    if (size > 32)
        memcpy(out, from, (size_t)size);
    else if (size > 16) {
        memcpy(out, from, 16);
        memcpy(out + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
        memcpy(out, from, 8);
        memcpy(out + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
        memcpy(out, from, 4);
        memcpy(out + size - 4, from + size - 4, 4);
    } else if (size > 0) {
        out[0] = from[0];
        out[size / 2] = from[size / 2];
        out[size - 1] = from[size - 1];
    }
    return out + size;
}

/* Return how many bytes some rows take as text. */
EXPORT int64_t imagefit_text_size(const Cell *cells, int count, int64_t start, int64_t rows) {
    int64_t size = 0;
    for (const Cell *cell = cells; cell < cells + count; cell++) {
        for (int64_t row = start; row < start + rows; row++) {
            if (cell->is_whole) {
                const int64_t code = code_or_unknown_at(cell, row);
                size += int_at(cell->offsets, code + 1) - int_at(cell->offsets, code);
                continue;
            }
            if (!is_known_at(cell, row)) {
                size += cell->unknown_size;
                continue;
            }
            int64_t first = cell->lists ? int_at(cell->lists, row) : row;
            int64_t last = cell->lists ? int_at(cell->lists, row + 1) : row + 1;
            size += cell->before_size + cell->after_size + (last > first ? (last - first - 1) * cell->between_size : 0);
            for (int64_t place = first; place < last; place++) {
                int64_t code = code_at(cell, place);
                size += offset_at(cell, code + 1) - offset_at(cell, code);
            }
        }
    }
    return size;
}

/* Write some rows as text, each cell after the other; there is PADDING behind. */
EXPORT void imagefit_text(const Cell *cells, int count, int64_t start, int64_t rows, uint8_t *out) {
    for (int64_t row = start; row < start + rows; row++) {
        for (const Cell *cell = cells; cell < cells + count; cell++) {
            if (cell->is_whole) { /* of a size that is not known, most are short: all are copied alike */
                const int64_t code = code_or_unknown_at(cell, row);
                const int64_t begin = int_at(cell->offsets, code), size = int_at(cell->offsets, code + 1) - begin;
                memcpy(out, cell->texts + begin, PADDING);
                if (size > PADDING) memcpy(out + PADDING, cell->texts + begin + PADDING, (size_t)(size - PADDING));
                out += size;
                continue;
            }
            if (!is_known_at(cell, row)) {
                out = appended(out, cell->unknown, 0, cell->unknown_size);
                continue;
            }
            int64_t first = cell->lists ? int_at(cell->lists, row) : row;
            int64_t last = cell->lists ? int_at(cell->lists, row + 1) : row + 1;
            out = appended(out, cell->before, 0, cell->before_size);
            for (int64_t place = first; place < last; place++) {
                int64_t code = code_at(cell, place);
                if (place > first) out = appended(out, cell->between, 0, cell->between_size);
                out = appended(out, cell->texts, offset_at(cell, code), offset_at(cell, code + 1));
            }
            out = appended(out, cell->after, 0, cell->after_size);
        }
    }
}

/* Texts, one after the other; `offsets` is where each begins, and where the last one ends. */
typedef struct {
    const void *offsets;          /* int64 */
    const uint8_t *texts;
    const int32_t *codes;         /* which of them a row has; as many for each row as is said elsewhere */
} Texts;

/* Rows of which each has templates, one after the other, and behind them the same number of texts. */
typedef struct {
    const int64_t *bounds;        /* where the templates of each row begin, and where those of the last one end */
    const int64_t *templates;     /* their numbers */
    const int64_t *starts;        /* where the pieces of each template begin, and where those of the last one end */
    const int32_t *pieces;        /* the numbers of texts; -1 less the number of a slot, in which a row has its own text */
    const Texts *slots;           /* a code a row, of those that have the slot */
    Texts common, ends;
    int64_t width;                /* of ends, so many codes a row */
} Templates;

/* Write a text, or count its bytes. */
INLINE void one_text(const Texts *texts, int64_t code, uint8_t **out, int64_t *size) {
    const int64_t begin = long_at(texts->offsets, code), end = long_at(texts->offsets, code + 1);
    if (out)
        *out = appended(*out, texts->texts, begin, end);
    else
        *size += end - begin;
}

/* Go through the texts of a row. */
INLINE void each_text(const Templates *all, int64_t row, uint8_t **out, int64_t *size) {
    for (int64_t place = all->bounds[row]; place < all->bounds[row + 1]; place++) {
        const int64_t own = all->templates[place];
        for (int64_t at = all->starts[own]; at < all->starts[own + 1]; at++) {
            const int32_t piece = all->pieces[at];
            const Texts *slot = piece < 0 ? all->slots + (-1 - piece) : NULL;
            one_text(slot ? slot : &all->common, slot ? slot->codes[row] : piece, out, size);
        }
    }
    for (int64_t at = row * all->width; at < (row + 1) * all->width; at++)
        one_text(&all->ends, all->ends.codes[at], out, size);
}

/* Say which rows have which slots: a byte for each row of each slot, of zeros before. */
EXPORT void imagefit_slots(const Templates *all, int64_t rows, uint8_t *used) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t place = all->bounds[row]; place < all->bounds[row + 1]; place++) {
            const int64_t own = all->templates[place];
            for (int64_t at = all->starts[own]; at < all->starts[own + 1]; at++)
                if (all->pieces[at] < 0) used[(-1 - (int64_t)all->pieces[at]) * rows + row] = 1;
        }
}

/* Say where each of some rows ends as text. */
EXPORT void imagefit_ends(const Templates *all, int64_t start, int64_t rows, int64_t *ends) {
    int64_t size = 0;
    for (int64_t row = start; row < start + rows; row++) {
        each_text(all, row, NULL, &size);
        ends[row - start] = size;
    }
}

/* Write these rows, one after the other. */
EXPORT void imagefit_filled(const Templates *all, int64_t start, int64_t rows, uint8_t *out) {
    for (int64_t row = start; row < start + rows; row++) each_text(all, row, &out, NULL);
}
