package dev.milepost.examples.hashtree;

import java.util.List;

/**
 * The result of a scan.
 *
 * @param files the regular files, sorted by name
 * @param bytes total size in bytes
 * @param unreadable number of directories and entries that could not be read
 */
record Tree(List<TreeFile> files, long bytes, int unreadable) {}
