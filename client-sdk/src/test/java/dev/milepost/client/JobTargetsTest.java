package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests what a job works on, for every scope. */
class JobTargetsTest {
  private static final Item A = item("a", "p2");
  private static final Item B = item("b", "");
  private static final Item C = item("c", "p1");
  private static final Item D = item("d", "p2");

  private static Item item(String id, String project) {
    return Item.newBuilder().setId(id).setProjectId(project).build();
  }

  private static Job job(JobScope scope, String project) {
    return Job.newBuilder()
        .setSpec(JobSpec.of("a").scope(scope).project(project).toProto())
        .build();
  }

  private static JobTarget target(String project, Item... items) {
    return new JobTarget(
        project.isEmpty() ? Optional.empty() : Optional.of(project), List.of(items));
  }

  @Test
  void groupsItemsByTheirOwnProjectOrElseTheJobs() {
    List<Item> items = List.of(A, B, C, D);
    assertThat(JobTargets.groupItemsByProject(job(JobScope.JOB_SCOPE_ITEM_SET, ""), items))
        .containsExactly(
            Map.entry("", List.of(B)), Map.entry("p1", List.of(C)), Map.entry("p2", List.of(A, D)));
    assertThat(JobTargets.groupItemsByProject(job(JobScope.JOB_SCOPE_ITEM_SET, "p1"), items))
        .containsExactly(Map.entry("p1", List.of(B, C)), Map.entry("p2", List.of(A, D)));
    assertThat(JobTargets.groupItemsByProject(job(JobScope.JOB_SCOPE_GLOBAL, ""), List.of()))
        .isEmpty();
  }

  @Test
  void anItemSetConsistsOfItsItemsOnly() {
    Job job = job(JobScope.JOB_SCOPE_ITEM_SET, "");
    assertThat(JobTargets.resolveTargets(job, List.of(A, B, C, D)))
        .containsExactly(target("", B), target("p1", C), target("p2", A, D))
        .noneMatch(JobTarget::coversAllItems);
    assertThat(JobTargets.resolveTargets(job, List.of())).isEmpty();
    assertThat(JobTargets.resolveTargets(job(JobScope.JOB_SCOPE_ITEM_SET, "p1"), List.of()))
        .isEmpty();
  }

  @Test
  void aProjectWithoutItemsIsTheWholeProject() {
    Job job = job(JobScope.JOB_SCOPE_PROJECT, "p1");
    assertThat(JobTargets.resolveTargets(job, List.of()))
        .containsExactly(target("p1"))
        .allMatch(JobTarget::coversAllItems);
    assertThat(JobTargets.resolveTargets(job, List.of(B, C))).containsExactly(target("p1", B, C));
  }

  @Test
  void aGlobalJobHasOneTargetWithoutAProject() {
    Job job = job(JobScope.JOB_SCOPE_GLOBAL, "");
    assertThat(JobTargets.resolveTargets(job, List.of()))
        .containsExactly(target(""))
        .allMatch(JobTarget::coversAllItems);
    assertThat(JobTargets.resolveTargets(job, List.of(A, C)))
        .containsExactly(target("p1", C), target("p2", A));
  }
}
