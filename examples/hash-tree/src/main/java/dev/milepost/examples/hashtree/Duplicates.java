package dev.milepost.examples.hashtree;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds files with the same content. Empty files do not count as duplicates. */
final class Duplicates {
  private static final int MAX_NAMES = 5;

  private final Map<String, Content> contents = new HashMap<>();
  private long copies;
  private long groups;

  void add(ManifestLine line) {
    if (line.size() == 0) {
      return;
    }
    Content content = contents.computeIfAbsent(line.sha256(), hash -> new Content(line.size()));
    content.count++;
    if (content.names.size() < MAX_NAMES) {
      content.names.add(line.name());
    }
    if (content.count > 1) {
      copies++;
    }
    if (content.count == 2) {
      groups++;
    }
  }

  /** Returns the number of files that are a copy of an earlier file. */
  long copies() {
    return copies;
  }

  /** Returns the number of contents that more than one file has. */
  long groups() {
    return groups;
  }

  /** Returns the groups that waste the most bytes, largest first. */
  List<DuplicateGroup> largest(int limit) {
    return contents.entrySet().stream()
        .filter(entry -> entry.getValue().count > 1)
        .map(entry -> entry.getValue().group(entry.getKey()))
        .sorted(
            Comparator.comparingLong(DuplicateGroup::wasted)
                .reversed()
                .thenComparing(DuplicateGroup::sha256))
        .limit(limit)
        .toList();
  }

  private static final class Content {
    private final long size;
    private final List<String> names = new ArrayList<>(1);
    private long count;

    private Content(long size) {
      this.size = size;
    }

    private DuplicateGroup group(String sha256) {
      return new DuplicateGroup(sha256, size, count, List.copyOf(names));
    }
  }
}
