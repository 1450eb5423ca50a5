package dev.milepost.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * One planned fault.
 *
 * @param atMillis milliseconds after the start of the run
 * @param server index of the affected server; ignored for faults of the store
 * @param lastsMillis duration, for kinds that have one
 */
record Fault(long atMillis, Kind kind, int server, long lastsMillis) {
  private static final int MEAN_INTERVAL_MILLIS = 800;
  private static final int MAX_DOWN_MILLIS = 2_500;
  private static final int MAX_PAUSE_MILLIS = 6_000;

  /** The kinds of fault. */
  enum Kind {
    /** A server is killed and restarted. */
    KILL("killed"),
    /** A server is shut down gracefully and restarted. */
    STOP("stopped"),
    /** A server process is suspended and resumed. */
    PAUSE("paused"),
    /** The connections that carry changes between servers are closed. */
    DISCONNECT_FEEDS("feeds disconnected"),
    /** Every connection to the store is closed. */
    DISCONNECT_ALL("all disconnected"),
    /** The store is killed and restarted. */
    CRASH_STORE("store crashed");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /**
   * Plans the faults of a run: one of each kind, and more of random kinds.
   *
   * @param random determines the whole plan
   */
  static List<Fault> plan(Random random, int servers, long lengthMillis) {
    List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
    while (kinds.size() < lengthMillis / MEAN_INTERVAL_MILLIS) {
      kinds.add(
          switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> Kind.KILL;
            case 5 -> Kind.STOP;
            case 6 -> Kind.PAUSE;
            case 7 -> Kind.DISCONNECT_FEEDS;
            case 8 -> Kind.DISCONNECT_ALL;
            default -> Kind.CRASH_STORE;
          });
    }
    List<Fault> plan = new ArrayList<>();
    for (Kind kind : kinds) {
      int longest = kind == Kind.PAUSE ? MAX_PAUSE_MILLIS : MAX_DOWN_MILLIS;
      plan.add(
          new Fault(
              random.nextLong(lengthMillis),
              kind,
              random.nextInt(servers),
              random.nextInt(longest)));
    }
    plan.sort(Comparator.comparingLong(Fault::atMillis));
    return plan;
  }
}
