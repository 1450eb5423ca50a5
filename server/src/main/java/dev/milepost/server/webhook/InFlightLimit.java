package dev.milepost.server.webhook;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Counts what is under way to each host, and lets no more begin than may. Thread-safe. */
final class InFlightLimit {
  /** Of a receiver that does not answer, one server tries so many in ten seconds. */
  private static final int MOST_BY_HOST = 32;

  private static final int MOST = 512;

  private final Map<String, Integer> byHost = new HashMap<>();
  private int all;

  /** Whether one more to this host may begin; it then ends with {@link #leave}. */
  synchronized boolean enter(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    int here = byHost.getOrDefault(name, 0);
    if (all >= MOST || here >= MOST_BY_HOST) {
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
