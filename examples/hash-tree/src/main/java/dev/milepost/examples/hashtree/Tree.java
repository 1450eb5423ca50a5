package dev.milepost.examples.hashtree;

import java.util.List;

/**
 * What a scan found.
 *
 * @param files the regular files, by name
 * @param bytes their sizes together
 * @param unreadable how many directories and entries could not be looked at
 */
record Tree(List<TreeFile> files, long bytes, int unreadable) {}
