package dev.milepost.client;

import java.util.List;

/**
 * A page of a list.
 *
 * @param elements the elements, in order; a page that has none may still have a next one
 * @param nextToken token of the next page; empty on the last one
 */
public record Page<T>(List<T> elements, String nextToken) {
  /** Makes the list unmodifiable. */
  public Page {
    elements = List.copyOf(elements);
  }

  /** Returns whether another page follows. */
  public boolean hasNext() {
    return !nextToken.isEmpty();
  }
}
