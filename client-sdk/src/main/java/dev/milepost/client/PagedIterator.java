package dev.milepost.client;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Goes through a paged list, reading each page when it is needed. */
final class PagedIterator<T> implements Iterator<T> {
  private final Function<String, Page<T>> read;
  private Iterator<T> page = Collections.emptyIterator();
  private @Nullable String nextToken = "";

  PagedIterator(Function<String, Page<T>> read) {
    this.read = read;
  }

  @Override
  public boolean hasNext() {
    while (!page.hasNext() && nextToken != null) {
      Page<T> next = read.apply(nextToken);
      page = next.elements().iterator();
      nextToken = next.nextToken().isEmpty() ? null : next.nextToken();
    }
    return page.hasNext();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next();
  }
}
