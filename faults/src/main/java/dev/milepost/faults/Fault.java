package dev.milepost.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * One thing that goes wrong.
 *
 * @param atMillis when, from the beginning of the run
 * @param server which server, where it is about one
 * @param lastsMillis how long, where it lasts
 */
record Fault(long atMillis, Kind kind, int server, long lastsMillis) {
  private static final int EVERY_MILLIS = 800;
  private static final int LONGEST_DOWN_MILLIS = 2_500;
  private static final int LONGEST_PAUSE_MILLIS = 6_000;

  /** What goes wrong. */
  enum Kind {
    /** A server is killed, and started again. */
    KILL("killed"),
    /** A server is asked to end, and started again. */
    STOP("stopped"),
    /** A server is held, and does not know it afterwards. */
    PAUSE("paused"),
    /** Nobody hears of others' changes for a moment. */
    CUT_FEEDS("feeds cut"),
    /** Every connection to the store is ended. */
    CUT_ALL("all cut"),
    /** The store is killed, and started again. */
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
   * What goes wrong within a run: of each kind at least one thing, and the rest by chance.
   *
   * @param random decides all of it
   */
  static List<Fault> plan(Random random, int servers, long lengthMillis) {
    List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
    while (kinds.size() < lengthMillis / EVERY_MILLIS) {
      kinds.add(
          switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> Kind.KILL;
            case 5 -> Kind.STOP;
            case 6 -> Kind.PAUSE;
            case 7 -> Kind.CUT_FEEDS;
            case 8 -> Kind.CUT_ALL;
            default -> Kind.CRASH_STORE;
          });
    }
    List<Fault> plan = new ArrayList<>();
    for (Kind kind : kinds) {
      int longest = kind == Kind.PAUSE ? LONGEST_PAUSE_MILLIS : LONGEST_DOWN_MILLIS;
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
