package dev.milepost.benchmarks.reconnects;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How the watchers came back.
 *
 * @param tries nanoseconds from the server's start to each try, in order
 * @param back nanoseconds from the server's start until each watcher had its first message, in
 *     order
 */
record Comeback(List<Long> tries, List<Long> back) {
  private static final long AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * Collects it from the clients.
   *
   * @param ready when the server was ready
   */
  static Comeback of(List<WatchingClient> clients, long ready) {
    return new Comeback(
        clients.stream()
            .flatMap(client -> client.tries().stream().map(time -> time - ready))
            .filter(time -> time >= 0)
            .sorted()
            .toList(),
        clients.stream().map(client -> client.watchingSince(ready) - ready).sorted().toList());
  }

  /** Returns the number of watchers. */
  int count() {
    return back.size();
  }

  /** Returns the greatest number of tries within 100 ms. */
  long mostTriesAtOnce() {
    return tries.stream()
        .mapToLong(
            from ->
                tries.stream().filter(time -> time >= from && time < from + AT_ONCE_NANOS).count())
        .max()
        .orElse(0);
  }

  /** Returns the milliseconds within which a share of the watchers, from 0 to 1, was back. */
  double backMillis(double share) {
    int index = (int) Math.ceil(share * back.size()) - 1;
    return back.get(Math.max(0, index)) / 1e6;
  }

  /** Returns how often the watchers tried. */
  int triesInAll() {
    return tries.size();
  }
}
