package dev.milepost.server.webhook;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Limits the attempts in progress, per host and in all. Thread-safe. */
final class InFlightLimit {
  /** A receiver that does not respond gets at most this many attempts per timeout. */
  private static final int MAX_PER_HOST = 32;

  private static final int MAX = 512;

  private final Map<String, Integer> byHost = new HashMap<>();
  private int all;

  /** Returns whether another attempt to this host may start; it then ends with {@link #leave}. */
  synchronized boolean enter(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    int here = byHost.getOrDefault(name, 0);
    if (all >= MAX || here >= MAX_PER_HOST) {
      return false;
    }
    byHost.put(name, here + 1);
    all++;
    return true;
  }

  synchronized void leave(String host) {
    byHost.computeIfPresent(
        host.toLowerCase(Locale.ROOT), (name, here) -> here == 1 ? null : here - 1);
    all--;
  }
}
