package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.Redis;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** A user is erased while the server runs, on every store; others keep what they have. */
class EraseUserTest {
  private static final String MARK = "Planted-Personal-Data-7f3a";
  private static final Logger AUDIT = (Logger) LoggerFactory.getLogger("milepost.audit");

  @TempDir Path directory;

  private final List<List<KeyValuePair>> erasures = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getMessage().equals("user_erased")) {
            erasures.add(event.getKeyValuePairs());
          }
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    AUDIT.setLevel(Level.INFO);
    AUDIT.setAdditive(false);
    AUDIT.addAppender(appender);
  }

  @AfterEach
  void stop() {
    AUDIT.detachAppender(appender);
    AUDIT.setAdditive(true);
    AUDIT.setLevel(null);
  }

  /** The stores. */
  enum Store {
    MEMORY,
    SQLITE,
    POSTGRES,
    REDIS;

    String url(Path directory) {
      return switch (this) {
        case MEMORY -> "memory:";
        case SQLITE -> "sqlite:" + directory.resolve("jobs.db");
        case POSTGRES -> Postgres.emptyStore();
        case REDIS -> Redis.emptyStore();
      };
    }
  }

  private static JobSpec.Builder spec() {
    return JobSpec.newBuilder()
        .setType("sync")
        .setParams(
            Struct.newBuilder()
                .putFields("who", Value.newBuilder().setStringValue(MARK.repeat(200)).build()));
  }

  private static EraseUserRequest.Builder ann() {
    return EraseUserRequest.newBuilder().setTenantId("default").setUserId("ann");
  }

  private static EraseUserResponse erase(TestClient caller, EraseUserRequest.Builder request) {
    return AdminServiceGrpc.newBlockingStub(caller.channel()).eraseUser(request.build());
  }

  /** Repeats a call until it is complete. */
  private static void eraseAll(TestClient root, EraseUserResponse first) {
    EraseUserResponse[] last = {first};
    await()
        .until(
            () -> {
              if (!last[0].getComplete()) {
                last[0] =
                    erase(root, ann().setCancelRunning(true).setErasureId(first.getErasureId()));
              }
              return last[0].getComplete();
            });
  }

  private static int jobs(TestClient root, String tenant, String user) {
    return root.jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setTenantId(tenant).setUserId(user))
                .build())
        .getJobsCount();
  }

  /** Makes a running job, a queued one, a finished one with items and lines, and a batch of two. */
  private static HeldJob populate(TestClient ann) throws Exception {
    HeldJob finished = ann.start(spec());
    finished.report(
        Report.newBuilder()
            .addLogs(HeldJob.line(LogLevel.LOG_LEVEL_INFO, MARK))
            .addItems(Item.newBuilder().setId(MARK).setState(ItemState.ITEM_STATE_DONE)));
    finished.complete();
    HeldJob running = ann.start(spec());
    ann.jobs()
        .createJob(CreateJobRequest.newBuilder().setSpec(spec()).setRequestId("once").build());
    BatchSender.make(ann, spec(), 2);
    return running;
  }

  private static Object field(List<KeyValuePair> event, String name) {
    return event.stream().filter(pair -> pair.key.equals(name)).findFirst().orElseThrow().value;
  }

  @ParameterizedTest
  @EnumSource
  void everythingOfTheUserGoesAndNothingElse(Store store) throws Exception {
    try (TestServer server =
        TestServer.inRealTime(Map.of("milepost.store", store.url(directory)))) {
      TestClient ann = server.client();
      TestClient root = ann.as("root").in("ADMIN");
      HeldJob running = populate(ann);
      ann.as("bob").create("sync");
      ann.of("other").create("sync");

      EraseUserResponse preview = erase(root, ann().setValidateOnly(true));
      assertThat(preview.getRemainingJobs()).isGreaterThanOrEqualTo(5);
      assertThat(preview.getRunningJobs()).isPositive();
      assertThat(preview.getRemainingBytes()).isGreaterThan(10_000);
      assertThat(preview.getComplete()).isFalse();
      Failure refused = Failure.of(() -> erase(root, ann()));
      assertThat(refused.code()).isEqualTo(Code.FAILED_PRECONDITION);
      assertThat(refused.reason()).isEqualTo("USER_HAS_RUNNING_JOBS");
      assertThat(jobs(root, "default", "ann")).isEqualTo((int) preview.getRemainingJobs());
      assertThat(erasures).isEmpty();

      EraseUserResponse first = erase(root, ann().setCancelRunning(true));
      assertThat(first.getComplete()).isFalse();
      running.confirmCancel();
      eraseAll(root, first);

      assertThat(jobs(root, "default", "ann")).isZero();
      assertThat(jobs(root, "default", "bob")).isEqualTo(1);
      assertThat(jobs(root, "other", "ann")).isEqualTo(1);
      assertThat(erasures)
          .allMatch(event -> field(event, "erasure").equals(first.getErasureId()))
          .allMatch(event -> field(event, "erased_user").equals("ann"))
          .allMatch(event -> field(event, "user").equals("root"));
      assertThat(first.getErasedJobs() + first.getRemainingJobs())
          .isEqualTo(preview.getRemainingJobs());
      assertThat(field(erasures.get(0), "found_jobs")).isEqualTo(preview.getRemainingJobs());
      assertThat(erasures.stream().mapToLong(event -> (long) field(event, "erased_requests")).sum())
          .isEqualTo(1);
      assertThat(field(erasures.get(erasures.size() - 1), "complete")).isEqualTo(true);
      // The request_id is forgotten: another content is not refused.
      ann.jobs()
          .createJob(
              CreateJobRequest.newBuilder()
                  .setSpec(JobSpec.newBuilder().setType("other"))
                  .setRequestId("once")
                  .build());
      EraseUserResponse again = erase(root, ann());
      assertThat(again.getErasedJobs()).isEqualTo(1);
      assertThat(again.getComplete()).isTrue();
      assertThat(erase(root, ann()).getComplete()).isTrue();
    }
  }

  @Test
  void onlyAnAdminMayAndItsRequestIsChecked() {
    try (TestServer server = TestServer.start()) {
      TestClient root = server.client().as("root").in("ADMIN");
      for (String role : List.of("USER", "WORKER", "OPERATOR")) {
        assertThat(Failure.of(() -> erase(server.client().in(role), ann())).code())
            .isEqualTo(Code.PERMISSION_DENIED);
      }
      for (EraseUserRequest.Builder invalid :
          List.of(
              ann().clearTenantId(),
              ann().clearUserId(),
              ann().setUserId("a\tb"),
              ann().setErasureId("a\nb"))) {
        assertThat(Failure.of(() -> erase(root, invalid)).code()).isEqualTo(Code.INVALID_ARGUMENT);
      }
      assertThat(erasures).isEmpty();
    }
  }

  private boolean isInFile(String name) throws IOException {
    Path file = directory.resolve(name);
    return Files.exists(file)
        && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(MARK);
  }

  @Test
  void nothingIsLeftInTheFilesOfSqliteWhileTheServerRuns() throws Exception {
    Path file = directory.resolve("jobs.db");
    Map<String, Object> settings = Map.of("milepost.store", "sqlite:" + file);
    TestServer.inRealTime(settings).close();
    leaveFreePages(file);
    assertThat(isInFile("jobs.db")).isTrue();
    try (TestServer server = TestServer.inRealTime(settings)) {
      TestClient root = server.client().as("root").in("ADMIN");
      HeldJob running = populate(server.client());
      EraseUserResponse first = erase(root, ann().setCancelRunning(true));
      running.confirmCancel();
      eraseAll(root, first);
      assertThat(isInFile("jobs.db")).isFalse();
      assertThat(isInFile("jobs.db-wal")).isFalse();
      server.client().as("bob").create("sync");
      assertThat(jobs(root, "default", "bob")).isEqualTo(1);
    }
    assertThat(isInFile("jobs.db")).isFalse();
  }

  /** Deletes rows as a version did that did not overwrite what it deleted. */
  private static void leaveFreePages(Path file) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement sql = connection.createStatement()) {
      sql.execute("PRAGMA secure_delete = OFF");
      sql.execute("CREATE TABLE earlier (value TEXT)");
      for (int i = 0; i < 50; i++) {
        sql.execute("INSERT INTO earlier VALUES ('" + (MARK + " ").repeat(1_000) + "')");
      }
      sql.execute("DROP TABLE earlier");
    }
  }
}
