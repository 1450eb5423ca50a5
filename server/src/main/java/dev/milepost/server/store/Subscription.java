package dev.milepost.server.store;

/** A listener's subscription to a store's changes. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  /** Ends the subscription; does nothing the second time. A change in delivery may still arrive. */
  @Override
  void close();
}
