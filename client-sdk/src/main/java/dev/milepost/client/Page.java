package dev.milepost.client;

import java.util.List;

/**
 * A page of a list.
 *
 * @param nextToken token of the next page; empty on the last one
 */
record Page<T>(List<T> elements, String nextToken) {}
