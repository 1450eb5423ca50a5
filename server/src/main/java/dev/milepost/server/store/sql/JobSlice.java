package dev.milepost.server.store.sql;

import java.util.List;

/**
 * The next jobs that may match a filter.
 *
 * @param numbers their numbers, in the order of the list
 * @param texts how many texts were read to find them; 0 if the filter searches for none
 * @param end position up to which there are no others; of no meaning in the last slice
 * @param isLast whether there are no others at all
 */
record JobSlice(List<Long> numbers, int texts, long end, boolean isLast) {}
