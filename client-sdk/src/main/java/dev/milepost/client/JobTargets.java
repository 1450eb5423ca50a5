package dev.milepost.client;

import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Determines from a job and its items what to work on, for every scope. Stateless and thread-safe.
 * Handlers can call {@link JobContext#resolveTargets()} for their own job.
 */
public final class JobTargets {
  private static final String NO_PROJECT = "";

  private JobTargets() {}

  /**
   * Groups items by project: the item's own, or else the job's.
   *
   * @param items items of the job; each group keeps their order
   * @return an unmodifiable map, sorted by project id; items without a project come first, under
   *     the empty string
   */
  public static Map<String, List<Item>> groupItemsByProject(Job job, Iterable<Item> items) {
    Map<String, List<Item>> groups = new TreeMap<>();
    for (Item item : items) {
      String project =
          item.getProjectId().isEmpty() ? job.getSpec().getProjectId() : item.getProjectId();
      groups.computeIfAbsent(project, any -> new ArrayList<>()).add(item);
    }
    groups.replaceAll((project, group) -> List.copyOf(group));
    return Collections.unmodifiableMap(groups);
  }

  /**
   * Returns what the job works on, project by project:
   *
   * <ul>
   *   <li>If it has items: one target for each project. Items without a project form a target of
   *       their own, which comes first.
   *   <li>If it has none: its whole project (scope PROJECT), everything (scope GLOBAL), or nothing
   *       (scope ITEM_SET, which consists of its items).
   * </ul>
   *
   * @param items all items of the job
   * @return an unmodifiable list, sorted by project id
   */
  public static List<JobTarget> resolveTargets(Job job, Iterable<Item> items) {
    List<JobTarget> targets = new ArrayList<>();
    groupItemsByProject(job, items)
        .forEach((project, group) -> targets.add(new JobTarget(named(project), group)));
    if (targets.isEmpty() && job.getSpec().getScope() != JobScope.JOB_SCOPE_ITEM_SET) {
      targets.add(new JobTarget(named(job.getSpec().getProjectId()), List.of()));
    }
    return List.copyOf(targets);
  }

  private static Optional<String> named(String project) {
    return project.equals(NO_PROJECT) ? Optional.empty() : Optional.of(project);
  }
}
