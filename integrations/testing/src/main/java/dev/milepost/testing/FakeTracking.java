package dev.milepost.testing;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Counts each element after the loop has processed it, and checks once before each. */
final class FakeTracking<T> implements Iterator<T> {
  private final Iterator<T> rest;
  private final FakeJobContext context;
  private boolean checked;
  private boolean inLoop;

  FakeTracking(Iterator<T> rest, FakeJobContext context) {
    this.rest = rest;
    this.context = context;
  }

  @Override
  public boolean hasNext() {
    if (inLoop) {
      inLoop = false;
      context.logger().incrementProgress();
    }
    if (!checked && rest.hasNext()) {
      context.throwIfCancelled();
      checked = true;
    }
    return checked;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    checked = false;
    inLoop = true;
    return rest.next();
  }
}
