package dev.milepost.server.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the name that a misspelt one probably means. */
final class NearestName {
  /** Words that begin alike count as the same from this length on: cert, certificate. */
  private static final int MIN_ABBREVIATION = 3;

  private NearestName() {}

  /**
   * Returns the known name that differs least from a given one.
   *
   * @param prefix what all names begin with; it is not compared
   * @param minWords how many words the given name must have to count as an incomplete one
   * @return empty if none is similar
   */
  static Optional<String> of(String given, Collection<String> known, String prefix, int minWords) {
    String name = without(prefix, given);
    int tolerated = Math.max(1, name.length() / 4);
    Optional<String> misspelt =
        known.stream()
            .filter(one -> distance(name, without(prefix, one)) <= tolerated)
            .min(Comparator.comparingInt(one -> distance(name, without(prefix, one))));
    return misspelt.or(() -> incomplete(name, known, prefix, minWords));
  }

  /** Returns the shortest known name that has all words of a given one, in this order. */
  private static Optional<String> incomplete(
      String name, Collection<String> known, String prefix, int minWords) {
    List<String> words = words(name);
    if (words.size() < minWords) {
      return Optional.empty();
    }
    return known.stream()
        .filter(one -> contains(words(without(prefix, one)), words))
        .min(Comparator.comparingInt(String::length));
  }

  private static boolean contains(List<String> all, List<String> some) {
    int found = 0;
    for (String word : all) {
      if (found < some.size() && isSame(word, some.get(found))) {
        found++;
      }
    }
    return found == some.size();
  }

  private static boolean isSame(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    return a.equals(b)
        || (shorter >= MIN_ABBREVIATION && a.substring(0, shorter).equals(b.substring(0, shorter)));
  }

  private static String without(String prefix, String name) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  private static List<String> words(String name) {
    return new ArrayList<>(Arrays.asList(name.split("[._-]", -1)));
  }

  /** Counts inserted, removed, replaced and exchanged letters between two names. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean exchanged =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (exchanged) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
