package dev.milepost.examples.hashtree;

import java.nio.file.Path;

/**
 * A regular file in the tree.
 *
 * @param path where the file is
 * @param name its path relative to the root, as {@link FileNames} writes it
 * @param size its size in bytes when the tree was scanned
 */
record TreeFile(Path path, String name, long size) {}
