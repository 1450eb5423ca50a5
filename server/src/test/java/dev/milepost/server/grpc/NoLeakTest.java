package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import io.grpc.Status.Code;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ids, tokens and counts reveal nothing about jobs that a caller may not see. */
class NoLeakTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();
  private final TestClient bob = ann.as("bob");

  @AfterEach
  void stop() {
    server.close();
  }

  private static RawCall.Answer ask(TestClient who, String method, Message request)
      throws Exception {
    return new RawCall("milepost.v1." + method, false).send(who.channel(), request);
  }

  private static CreateJobRequest.Builder creation(String type) {
    return CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType(type));
  }

  @Test
  void anIdInUseIsReportedTheSameWayToEveryUser() throws Exception {
    CreateJobRequest request = creation("a").setJobId("nightly").build();
    ann.jobs().createJob(request);
    RawCall.Answer own = ask(ann, "JobService/CreateJob", request);
    assertThat(own.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(ask(bob, "JobService/CreateJob", request)).isEqualTo(own);
    assertThat(bob.of("elsewhere").jobs().createJob(request).getCreated()).isTrue();
  }

  @Test
  void requestIdsOfOtherUsersDoNotConflict() {
    CreateJobRequest first = creation("a").setRequestId("r1").build();
    String id = ann.jobs().createJob(first).getJob().getId();
    for (TestClient other :
        Arrays.asList(
            bob, ann.of("elsewhere"), ann.as("olga").in("OPERATOR"), ann.as("eve").in("ADMIN"))) {
      var same = other.jobs().createJob(first);
      assertThat(same.getCreated()).isTrue();
      assertThat(same.getJob().getId()).isNotEqualTo(id);
      assertThat(
              Failure.of(() -> other.jobs().createJob(creation("b").setRequestId("r1").build()))
                  .reason())
          .isEqualTo("REQUEST_ID_REUSED");
    }
    assertThat(ann.jobs().createJob(first).getJob().getId()).isEqualTo(id);
  }

  @Test
  void aFormerOperatorCannotReadAJobThroughItsRequestId() {
    CreateJobRequest forAnn = creation("a").setUserId("ann").setRequestId("r1").build();
    String id = bob.in("OPERATOR").jobs().createJob(forAnn).getJob().getId();
    assertThat(ann.get(id).getUserId()).isEqualTo("ann");
    assertThat(Failure.of(() -> bob.in("USER").jobs().createJob(forAnn)).code())
        .isEqualTo(Code.PERMISSION_DENIED);
  }

  @Test
  void pageTokensOfOtherUsersAreRejectedLikeForgedOnes() throws Exception {
    String id =
        ann.jobs()
            .createJob(
                creation("a")
                    .addItems(Item.newBuilder().setId("i1"))
                    .addItems(Item.newBuilder().setId("i2"))
                    .build())
            .getJob()
            .getId();
    ann.create("a");
    HeldJob work = ann.claim();
    work.log(dev.milepost.v1.LogLevel.LOG_LEVEL_INFO, "one");
    String worked = work.jobId();

    ListJobsRequest.Builder jobs = ListJobsRequest.newBuilder().setPageSize(1);
    String token = ann.jobs().listJobs(jobs.build()).getNextPageToken();
    notTaken(
        "ListJobs", jobs.setPageToken(token).build(), jobs.setPageToken(forged(token)).build());

    ListItemsRequest.Builder items = ListItemsRequest.newBuilder().setJobId(id).setPageSize(1);
    token = ann.jobs().listItems(items.build()).getNextPageToken();
    notTaken(
        "ListItems", items.setPageToken(token).build(), items.setPageToken(forged(token)).build());

    ListJournalRequest.Builder journal =
        ListJournalRequest.newBuilder().setJobId(worked).setPageSize(1);
    token = ann.jobs().listJournal(journal.build()).getNextPageToken();
    notTaken(
        "ListJournal",
        journal.setPageToken(token).build(),
        journal.setPageToken(forged(token)).build());
  }

  private static String forged(String token) {
    assertThat(token).isNotEmpty();
    return "A".repeat(token.length());
  }

  private void notTaken(String method, Message stolen, Message forged) throws Exception {
    for (TestClient thief :
        Arrays.asList(bob, bob.in("OPERATOR"), bob.in("ADMIN"), ann.of("elsewhere"))) {
      RawCall.Answer answer = ask(thief, "JobService/" + method, stolen);
      assertThat(answer.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(answer).isEqualTo(ask(thief, "JobService/" + method, forged));
    }
  }

  @Test
  void filtersForOtherUsersAreDeniedWhetherThereAreJobsOrNot() throws Exception {
    JobFilter.Builder anns = JobFilter.newBuilder().setUserId("ann");
    JobFilter.Builder elsewhere = JobFilter.newBuilder().setTenantId("elsewhere");
    for (JobFilter.Builder filter : Arrays.asList(anns, elsewhere)) {
      ListJobsRequest list = ListJobsRequest.newBuilder().setFilter(filter).build();
      CountJobsRequest count = CountJobsRequest.newBuilder().setFilter(filter).build();
      RawCall.Answer listed = ask(bob, "JobService/ListJobs", list);
      RawCall.Answer counted = ask(bob, "JobService/CountJobs", count);
      assertThat(listed.code()).isEqualTo(Code.PERMISSION_DENIED);
      ann.create("a");
      ann.of("elsewhere").create("a");
      assertThat(ask(bob, "JobService/ListJobs", list)).isEqualTo(listed);
      assertThat(ask(bob, "JobService/CountJobs", count)).isEqualTo(counted);
    }
  }

  @Test
  void aFilterWithoutAUserSelectsAllJobsThatTheCallerMaySee() {
    ann.create("a");
    bob.create("a");
    ann.of("elsewhere").create("a");
    assertThat(total(ann.in("USER"))).isEqualTo(1);
    assertThat(total(ann.in("OPERATOR"))).isEqualTo(2);
    assertThat(total(ann.in("ADMIN"))).isEqualTo(3);
    assertThat(total(ann.in("ADMIN").of("third"))).isEqualTo(3);
  }

  private static long total(TestClient who) {
    long counted = who.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal();
    assertThat(who.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount())
        .isEqualTo((int) counted);
    return counted;
  }

  @Test
  void aForeignParentIsReportedLikeAMissingOne() throws Exception {
    String id = ann.create("a").getId();
    RawCall.Answer foreign = ask(bob, "JobService/ListJobs", children(id));
    assertThat(foreign.code()).isEqualTo(Code.OK);
    assertThat(foreign).isEqualTo(ask(bob, "JobService/ListJobs", children("no-such-job")));
  }

  private static ListJobsRequest children(String parent) {
    return ListJobsRequest.newBuilder()
        .setFilter(JobFilter.newBuilder().setParentId(parent))
        .build();
  }

  @Test
  void aStolenAttemptTokenGrantsNothing() {
    HeldJob work = ann.in("USER").start("a");
    Failure failure = Failure.of(() -> work.by(bob.in("USER")).complete());
    assertThat(failure.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(Failure.of(() -> work.by(ann.of("elsewhere")).complete()).code())
        .isEqualTo(Code.NOT_FOUND);
    work.complete();
  }
}
