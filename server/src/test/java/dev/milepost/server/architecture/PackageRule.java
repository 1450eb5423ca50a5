package dev.milepost.server.architecture;

import static java.util.stream.Collectors.toCollection;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What one package may use; everything else is forbidden to it. Packages below it have rules of
 * their own.
 *
 * @param name below the root package, such as {@code store.sql}; empty: the root package itself
 * @param mayUse names of other packages
 * @param libraries beyond those that every package may use
 */
record PackageRule(String name, Set<String> mayUse, Set<Library> libraries) {
  /** Returns a rule without any library, not even for logging. */
  static PackageRule pure(String name) {
    return new PackageRule(name, Set.of(), Set.of());
  }

  /** Returns a rule that includes SLF4J; the packages are separated by spaces. */
  static PackageRule of(String name, String mayUse, Library... libraries) {
    return new PackageRule(
        name,
        Stream.of(mayUse.split(" "))
            .filter(other -> !other.isEmpty())
            .collect(toCollection(TreeSet::new)),
        EnumSet.of(Library.SLF4J, libraries));
  }

  String packageIn(String root) {
    return name.isEmpty() ? root : root + '.' + name;
  }

  /** Returns the names of the libraries in the documentation; SLF4J is not repeated there. */
  List<String> libraryTitles() {
    return libraries.stream()
        .filter(library -> library != Library.SLF4J)
        .map(Library::title)
        .sorted()
        .toList();
  }

  @Override
  public String toString() {
    return name.isEmpty() ? "(top)" : name;
  }
}
