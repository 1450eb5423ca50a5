package dev.milepost.examples.hashtree;

import java.util.List;

/**
 * Files of one content.
 *
 * @param sha256 the hash that they share
 * @param size bytes of each
 * @param count how many there are
 * @param names the first few
 */
record DuplicateGroup(String sha256, long size, long count, List<String> names) {
  /** Bytes that would be saved by keeping one of them. */
  long wasted() {
    return size * (count - 1);
  }
}
