package dev.milepost.server.store;

/** A listener's hold on a store's changes. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  /** Ends it; does nothing the second time. A change that is being told may still arrive. */
  @Override
  void close();
}
