package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  private final Duplicates duplicates = new Duplicates();

  @Test
  void findsNoneAmongDifferentFiles() {
    add("a", 1, "one");
    add("b", 1, "two");

    assertThat(duplicates.copies()).isZero();
    assertThat(duplicates.groups()).isZero();
    assertThat(duplicates.largest(3)).isEmpty();
  }

  @Test
  void countsCopiesAndGroups() {
    add("a", 10, "one", "two", "three");
    add("b", 5, "four", "five");
    add("c", 1, "six");

    assertThat(duplicates.copies()).isEqualTo(3);
    assertThat(duplicates.groups()).isEqualTo(2);
  }

  @Test
  void ordersGroupsByWastedBytes() {
    add("small", 10, "1", "2", "3", "4");
    add("large", 100, "5", "6");
    add("mid", 40, "7", "8");

    assertThat(duplicates.largest(2))
        .containsExactly(
            new DuplicateGroup("large", 100, 2, List.of("5", "6")),
            new DuplicateGroup("mid", 40, 2, List.of("7", "8")));
  }

  @Test
  void keepsTheFirstFewNames() {
    add("a", 1, "1", "2", "3", "4", "5", "6", "7");

    DuplicateGroup group = duplicates.largest(1).get(0);

    assertThat(group.count()).isEqualTo(7);
    assertThat(group.names()).containsExactly("1", "2", "3", "4", "5");
    assertThat(group.wasted()).isEqualTo(6);
  }

  @Test
  void ignoresEmptyFiles() {
    add("empty", 0, "one", "two");

    assertThat(duplicates.copies()).isZero();
    assertThat(duplicates.groups()).isZero();
  }

  private void add(String hash, long size, String... names) {
    for (String name : names) {
      duplicates.add(new ManifestLine(hash, size, name));
    }
  }
}
