package dev.milepost.server.architecture;

import java.util.List;
import java.util.Set;

/**
 * Members of the JDK that only some packages may use.
 *
 * @param title what they do, as the documentation names it
 * @param uses the members, with arguments for a call: {@code Owner.member} if static, else {@code
 *     Owner#member}
 * @param allBut whether {@code packages} are those that may not use them
 * @param packages names of packages
 */
record Restriction(String title, List<String> uses, boolean allBut, Set<String> packages) {
  boolean allows(String packageName) {
    return allBut != packages.contains(packageName);
  }

  /** Returns a member as {@code Owner.name}. */
  static String member(String use) {
    return use.replaceFirst("\\(.*", "").replace('#', '.');
  }

  /** Returns a Java expression for a member. */
  static String expression(String use) {
    int hash = use.indexOf('#');
    return hash < 0 ? use : "((" + use.substring(0, hash) + ") null)." + use.substring(hash + 1);
  }

  /** Returns who may use them, as the documentation says it. */
  String where() {
    String names =
        String.join(
            ", ", packages.stream().map(name -> name.isEmpty() ? "(top)" : name).sorted().toList());
    return allBut ? "all but " + names : names.isEmpty() ? "nowhere" : names;
  }

  @Override
  public String toString() {
    return title;
  }
}
