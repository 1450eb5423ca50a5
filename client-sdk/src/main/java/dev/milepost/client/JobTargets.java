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
 * Reads out of a job and its items what there is to work on, whatever the job's scope is. Pure;
 * handlers have the same, for their own job, in {@link JobContext#resolveTargets()}.
 */
public final class JobTargets {
  private static final String NO_PROJECT = "";

  private JobTargets() {}

  /**
   * The items by the project that they belong to: their own, else the job's.
   *
   * @param items items of the job, in the order in which each group is to have them
   * @return unmodifiable, by project id; items that belong to no project stand first, under the
   *     empty string
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
   * What the job is to work on, project by project:
   *
   * <ul>
   *   <li>its items, where it has any, in one target for each project, and those without a project
   *       in one of their own, which stands first;
   *   <li>else for a job of scope PROJECT its project as a whole, for one of scope GLOBAL
   *       everything, and for one of scope ITEM_SET, whose items are all that it is about, nothing.
   * </ul>
   *
   * @param items all items of the job
   * @return by project id
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
