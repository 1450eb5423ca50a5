package dev.milepost.examples.hashtree;

import java.nio.file.Path;

/**
 * A regular file of the tree.
 *
 * @param path where it lies
 * @param name its path below the tree's root, as {@link FileNames} writes it
 * @param size its size when the tree was scanned
 */
record TreeFile(Path path, String name, long size) {}
