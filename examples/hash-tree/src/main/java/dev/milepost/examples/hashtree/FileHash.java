package dev.milepost.examples.hashtree;

/**
 * The hash and size of a file's content.
 *
 * @param sha256 64 hexadecimal digits
 * @param size number of bytes read
 */
record FileHash(String sha256, long size) {}
