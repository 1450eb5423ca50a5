package dev.milepost.client;

import java.util.List;

/**
 * A page of a list.
 *
 * @param nextToken leads to the next page; empty at the end
 */
record Page<T>(List<T> elements, String nextToken) {}
