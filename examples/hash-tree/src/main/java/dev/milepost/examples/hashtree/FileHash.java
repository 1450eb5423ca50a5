package dev.milepost.examples.hashtree;

/**
 * What a file's content comes to.
 *
 * @param sha256 64 hexadecimal digits
 * @param size bytes read
 */
record FileHash(String sha256, long size) {}
