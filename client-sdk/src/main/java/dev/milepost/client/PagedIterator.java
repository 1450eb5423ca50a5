package dev.milepost.client;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Iterates over a paged list; blocks to fetch each page when it is needed. Not thread-safe. */
final class PagedIterator<T> implements Iterator<T> {
  private final Function<String, CompletableFuture<Page<T>>> fetch;
  private Iterator<T> page = Collections.emptyIterator();
  private @Nullable String nextToken = "";

  PagedIterator(Function<String, CompletableFuture<Page<T>>> fetch) {
    this.fetch = fetch;
  }

  @Override
  public boolean hasNext() {
    while (!page.hasNext() && nextToken != null) {
      Page<T> next = Futures.join(fetch.apply(nextToken));
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
