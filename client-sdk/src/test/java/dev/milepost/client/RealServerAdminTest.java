package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.ListWorkersRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what operators ask a server, and jobs by their ids, against the real server. */
@Timeout(60)
class RealServerAdminTest {
  private final TestServer server = TestServer.inMemory();
  private final JobClient ann = JobClient.builder(server.target()).user("ann").build();
  private final JobClient admin =
      JobClient.builder(server.target()).user("root").roles(Role.ADMIN).build();

  @AfterEach
  void close() {
    ann.close();
    admin.close();
    server.close();
  }

  @Test
  void theRolesAreThoseOfTheServer() {
    assertThat(Arrays.stream(Role.values()).map(Role::name))
        .isEqualTo(
            Arrays.stream(dev.milepost.server.access.Role.values()).map(Enum::name).toList());
  }

  @Test
  void aCallerHasTheRolesThatItsBuilderNames() {
    assertThat(admin.admin().serverInfo().getStore().getKind()).isEqualTo("memory");
    assertThat(admin.admin().stats("").getKnownWorkers()).isZero();
    assertThat(admin.admin().workers(ListWorkersRequest.getDefaultInstance()).getWorkersList())
        .isEmpty();
    assertThatThrownBy(() -> ann.admin().serverInfo()).isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void jobsAreReadByTheirIdsHoweverManyTheyAre() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ids.add(ann.create(JobSpec.of("sync").displayName("x".repeat(200))).id());
    }
    List<String> asked = new ArrayList<>(Collections.nCopies(3_000, ids.get(0)));
    for (int i = 0; i < 1_500; i++) {
      asked.add("missing-" + i);
    }
    asked.addAll(ids);

    FoundJobs found = ann.getAll(asked);

    assertThat(found.jobs()).extracting(Job::getId).isEqualTo(ids);
    assertThat(found.missing()).hasSize(1_500).contains("missing-0", "missing-1499");
    assertThat(found.unreadable()).isEmpty();
    assertThat(ann.getAll(List.of()).jobs()).isEmpty();
  }

  @Test
  void aUserIsErasedToTheEndThoughAJobOfItRuns() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      ann.create(JobSpec.of("other"));
    }
    CountDownLatch running = new CountDownLatch(1);
    try (Worker worker =
        ann.worker()
            .handler(
                "sync",
                context -> {
                  running.countDown();
                  while (true) {
                    context.throwIfCancelled();
                    Thread.sleep(5);
                  }
                })
            .start()) {
      ann.create(JobSpec.of("sync"));
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      EraseUserRequest request =
          EraseUserRequest.newBuilder()
              .setTenantId("default")
              .setUserId("ann")
              .setCancelRunning(true)
              .build();
      EraseUserResponse preview =
          admin.admin().eraseUser(request.toBuilder().setValidateOnly(true).build());
      assertThat(preview.getRemainingJobs()).isEqualTo(6);

      EraseUserResponse erased = admin.admin().eraseUser(request);

      assertThat(erased.getComplete()).isTrue();
      assertThat(erased.getErasedJobs()).isEqualTo(6);
      assertThat(erased.getRemainingJobs()).isZero();
      assertThat(worker.workerId()).isNotEmpty();
    }
    assertThat(ann.count(JobFilter.getDefaultInstance())).isZero();
  }
}
