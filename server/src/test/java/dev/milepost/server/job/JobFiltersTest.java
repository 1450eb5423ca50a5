package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JobFiltersTest {
  private static final Job JOB = job();

  private static Job job() {
    JobLife life =
        JobLife.running(
            JobLife.spec()
                .setDisplayName("Nightly")
                .setProjectId("p1")
                .putLabels("team", "a")
                .putLabels("tier", "1"));
    Job.Builder job = life.job().toBuilder().setParentId("batch-1").setKind(JobKind.JOB_KIND_TASK);
    job.getStatusBuilder().setEndTime(Times.timestamp(JobLife.START));
    return job.build();
  }

  /** For each field: a filter that matches the job, and one that does not. */
  static Stream<Arguments> fields() {
    return Stream.of(
        Arguments.of(filter().setTenantId("acme"), filter().setTenantId("other")),
        Arguments.of(filter().setUserId("ann"), filter().setUserId("bob")),
        Arguments.of(
            filter().addStates(JobState.JOB_STATE_QUEUED).addStates(JobState.JOB_STATE_RUNNING),
            filter().addStates(JobState.JOB_STATE_QUEUED)),
        Arguments.of(
            filter().addTypes("hash").addTypes("resize"), filter().addTypes("resize-more")),
        Arguments.of(filter().setProjectId("p1"), filter().setProjectId("p2")),
        Arguments.of(
            filter().setScope(JobScope.JOB_SCOPE_PROJECT),
            filter().setScope(JobScope.JOB_SCOPE_GLOBAL)),
        Arguments.of(filter().setParentId("batch-1"), filter().setParentId("batch-2")),
        Arguments.of(filter().setTopLevel(false), filter().setTopLevel(true)),
        Arguments.of(
            filter().putLabels("team", "a").putLabels("tier", "1"),
            filter().putLabels("team", "a").putLabels("tier", "2")),
        Arguments.of(filter().putLabels("team", "a"), filter().putLabels("missing", "")),
        Arguments.of(
            filter().setKind(JobKind.JOB_KIND_TASK), filter().setKind(JobKind.JOB_KIND_BATCH)),
        Arguments.of(
            filter().setKind(JobKind.JOB_KIND_TASK), filter().setKind(JobKind.JOB_KIND_SINGLE)),
        Arguments.of(
            filter().setHealth(JobHealth.JOB_HEALTH_OK),
            filter().setHealth(JobHealth.JOB_HEALTH_STALLED)),
        Arguments.of(filter().setIdPrefix("job"), filter().setIdPrefix("ob")),
        Arguments.of(filter().setDisplayName("Nightly"), filter().setDisplayName("Night")),
        Arguments.of(filter().setText("GHTL"), filter().setText("weekly")),
        Arguments.of(filter().setText("P1"), filter().setText("p1 ")),
        Arguments.of(
            filter().putLabelsNot("team", "b").putLabelsNot("none", "a"),
            filter().putLabelsNot("none", "a").putLabelsNot("team", "a")),
        Arguments.of(
            filter().addLabelsAbsent("none"),
            filter().addLabelsAbsent("none").addLabelsAbsent("team")),
        Arguments.of(filter().setAttemptsAbove(0), filter().setAttemptsAbove(1)),
        Arguments.of(
            filter().setCreateTimeFrom(Times.timestamp(JobLife.START)),
            filter().setCreateTimeFrom(Times.timestamp(JobLife.START.plusSeconds(1)))),
        Arguments.of(
            filter().setCreateTimeUntil(Times.timestamp(JobLife.START.plusSeconds(1))),
            filter().setCreateTimeUntil(Times.timestamp(JobLife.START))),
        Arguments.of(
            filter().setEndTimeFrom(Times.timestamp(JobLife.START)),
            filter().setEndTimeFrom(Times.timestamp(JobLife.START.plusSeconds(1)))),
        Arguments.of(
            filter().setEndTimeUntil(Times.timestamp(JobLife.START.plusSeconds(1))),
            filter().setEndTimeUntil(Times.timestamp(JobLife.START))));
  }

  @Test
  void topLevelLeavesChildrenOut() {
    JobFilter filter = filter().setTopLevel(true).build();

    assertThat(JobFilters.matches(filter, JOB)).isFalse();
    assertThat(JobFilters.matches(filter, JOB.toBuilder().clearParentId().build())).isTrue();
  }

  @ParameterizedTest
  @MethodSource("fields")
  void eachFieldSelectsWhatMatches(JobFilter.Builder takes, JobFilter.Builder leaves) {
    assertThat(JobFilters.matches(takes.build(), JOB)).isTrue();
    assertThat(JobFilters.matches(leaves.build(), JOB)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("fields")
  void allFieldsMustMatch(JobFilter.Builder takes, JobFilter.Builder leaves) {
    assertThat(JobFilters.matches(takes.mergeFrom(leaves.build()).setUserId("bob").build(), JOB))
        .isFalse();
  }

  @Test
  void anEmptyFilterMatchesAllJobs() {
    assertThat(JobFilters.matches(JobFilter.getDefaultInstance(), JOB)).isTrue();
    assertThat(JobFilters.matches(JobFilter.getDefaultInstance(), Job.getDefaultInstance()))
        .isTrue();
  }

  @Test
  void anUnfinishedJobMatchesNoEndTime() {
    Job running = JobLife.running().job();
    assertThat(
            JobFilters.matches(
                filter().setEndTimeFrom(Times.timestamp(Instant.EPOCH)).build(), running))
        .isFalse();
    assertThat(
            JobFilters.matches(
                filter().setEndTimeUntil(Times.timestamp(JobLife.START.plusSeconds(9))).build(),
                running))
        .isFalse();
  }

  @Test
  void everyFieldOfTheContractIsTested() {
    assertThat(fields().flatMap(pair -> Stream.of(pair.get())).map(JobFilter.Builder.class::cast))
        .flatMap(filter -> filter.getAllFields().keySet())
        .containsAll(JobFilter.getDescriptor().getFields());
  }

  private static JobFilter.Builder filter() {
    return JobFilter.newBuilder();
  }
}
