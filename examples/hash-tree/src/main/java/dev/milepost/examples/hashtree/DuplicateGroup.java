package dev.milepost.examples.hashtree;

import java.util.List;

/**
 * Files with the same content.
 *
 * @param sha256 the hash that they share
 * @param size size of each file in bytes
 * @param count number of files
 * @param names the first few file names
 */
record DuplicateGroup(String sha256, long size, long count, List<String> names) {
  /** Bytes that could be saved by keeping only one of the files. */
  long wasted() {
    return size * (count - 1);
  }
}
