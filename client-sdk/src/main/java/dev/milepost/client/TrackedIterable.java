package dev.milepost.client;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Reports progress during iteration: counts each element after the loop has processed it, in
 * addition to those already done, and throws if the job should stop.
 */
final class TrackedIterable<T> implements Iterable<T> {
  private final Iterable<T> elements;
  private final long total;
  private final String unit;
  private final long alreadyDone;
  private final JobContext context;

  TrackedIterable(
      Iterable<T> elements, long total, String unit, long alreadyDone, JobContext context) {
    this.elements = elements;
    this.total = total;
    this.unit = unit;
    if (alreadyDone < 0) {
      throw new IllegalArgumentException("alreadyDone: must be 0 or more, but is " + alreadyDone);
    }
    this.alreadyDone = alreadyDone;
    this.context = context;
  }

  @Override
  public Iterator<T> iterator() {
    context.logger().setProgress(alreadyDone, total, unit);
    return new Tracking(elements.iterator());
  }

  private final class Tracking implements Iterator<T> {
    private final Iterator<T> rest;
    private boolean inLoop;

    Tracking(Iterator<T> rest) {
      this.rest = rest;
    }

    @Override
    public boolean hasNext() {
      if (inLoop) {
        inLoop = false;
        context.logger().incrementProgress();
      }
      boolean more = rest.hasNext();
      if (more) {
        context.throwIfCancelled();
      }
      return more;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      inLoop = true;
      return rest.next();
    }
  }
}
