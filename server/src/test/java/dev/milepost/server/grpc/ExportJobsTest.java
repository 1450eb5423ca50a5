package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.copy.remote.ServerSource;
import dev.milepost.server.remote.ServerConnection;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.Webhook;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What an ADMIN can export from a server with a memory store, and how it can be used. */
class ExportJobsTest {
  private static final int ITEMS = 500;
  private static final int LINES = 60;
  private static final int LINE = 10_000;

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private final TestServer server = TestServer.start(Map.of(), clock);
  private final TestClient ann = server.client();
  private final TestClient root = ann.as("root").in("ADMIN");

  @AfterEach
  void stop() {
    server.close();
  }

  private static AdminServiceGrpc.AdminServiceBlockingStub admin(TestClient client) {
    return AdminServiceGrpc.newBlockingStub(client.channel());
  }

  private List<ExportJobsResponse> export(ExportJobsRequest request) {
    List<ExportJobsResponse> parts = new ArrayList<>();
    admin(root).exportJobs(request).forEachRemaining(parts::add);
    return parts;
  }

  private StoreCopy.Result copyTo(Path file) {
    return copyTo(file, "ADMIN");
  }

  private StoreCopy.Result copyTo(Path file, String roles) {
    Metadata headers = new Metadata();
    put(headers, DevelopmentAuthenticator.USER_HEADER, "root");
    put(headers, DevelopmentAuthenticator.ROLES_HEADER, roles);
    ManagedChannel channel = server.connect(server.port());
    try (ServerSource source =
            new ServerSource(ServerConnection.over("the server", channel, headers));
        JobStore target = SqliteJobStore.open(file, clock, 1_000, CommitObserver.NONE)) {
      return new StoreCopy(source, target, Optional.empty(), CopyProgress.NONE).run();
    }
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  private HeldJob withItems() {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setSpec(JobSpec.newBuilder().setType("photos"))
            .setStart(StartJob.newBuilder().setWorkerId("creator"));
    for (int i = 0; i < ITEMS; i++) {
      request.addItems(Item.newBuilder().setId("item-" + i).setMessage("m".repeat(1_000)));
    }
    var created = ann.jobs().createJob(request.build());
    return new HeldJob(ann, created.getJob().getId(), created.getGrant().getAttemptToken());
  }

  @Test
  void aServerContinuesFromTheExportOfAMemoryServer() {
    HeldJob work = withItems();
    for (int i = 1; i <= LINES; i++) {
      work.report(
          Report.newBuilder().setReportSeq(i).addLogs(HeldJob.info(i + " " + "x".repeat(LINE))));
    }
    for (int i = 0; i < 450; i++) {
      ann.create("small");
    }
    Job foreign = ann.as("bob").of("globex").create("foreign");
    ann.start("done").complete();

    Path file = directory.resolve("jobs.db");
    StoreCopy.Result result = copyTo(file);
    assertThat(result.jobs()).isEqualTo(453);
    assertThat(result.items()).isEqualTo(ITEMS);

    try (TestServer there = TestServer.on(file, clock)) {
      TestClient annThere = there.client();
      assertThat(annThere.get(work.jobId())).isEqualTo(ann.get(work.jobId()));
      assertThat(annThere.journal(work.jobId())).isEqualTo(ann.journal(work.jobId()));
      ListItemsRequest items =
          ListItemsRequest.newBuilder().setJobId(work.jobId()).setPageSize(1_000).build();
      assertThat(annThere.jobs().listItems(items)).isEqualTo(ann.jobs().listItems(items));
      assertThat(annThere.as("bob").of("globex").get(foreign.getId())).isEqualTo(foreign);
      // The worker keeps its lease, and its next report has the next number.
      HeldJob goesOn = work.by(annThere);
      goesOn.report(Report.newBuilder().setReportSeq(LINES + 1).addLogs(HeldJob.info("there")));
      goesOn.complete();
      assertThat(annThere.claim(100)).hasSize(100);
    }
  }

  @Test
  void exportsWhatNoOtherRpcReturns() throws Exception {
    HeldJob work =
        ann.start(
            JobSpec.newBuilder()
                .setType("a")
                .setWebhook(
                    Webhook.newBuilder()
                        .setUrl("https://example.org/hook")
                        .setSecret("sixteen letters!")));
    List<ExportJobsResponse> parts = export(ExportJobsRequest.getDefaultInstance());
    assertThat(parts).hasSize(1);
    assertThat(parts.get(0).getJob()).isEqualTo(ann.get(work.jobId()));
    assertThat(parts.get(0).getEntriesList()).isEqualTo(ann.journal(work.jobId()));
    assertThat(parts.get(0).getLast()).isTrue();
    JobRecord kept = JobRecord.parseFrom(parts.get(0).getStorageRecord());
    assertThat(kept.getWebhookSecret()).isEqualTo("sixteen letters!");
    assertThat(work.withToken(kept.getAttemptToken()).heartbeat()).isNotNull();
  }

  @Test
  void exportsOneTenantOnRequest() {
    ann.create("a");
    ann.as("bob").of("globex").create("a");
    ann.as("bob").of("globex").create("a");
    assertThat(export(ExportJobsRequest.newBuilder().setTenantId("globex").build())).hasSize(2);
    assertThat(export(ExportJobsRequest.newBuilder().setTenantId("nobody").build())).isEmpty();
    assertThat(export(ExportJobsRequest.getDefaultInstance()))
        .extracting(part -> part.getJob().getTenantId())
        .containsExactly("default", "globex", "globex");
    ExportJobsRequest bad = ExportJobsRequest.newBuilder().setTenantId("two words").build();
    Failure failure = Failure.of(() -> export(bad));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations())
        .containsExactly("tenant_id: must be 1 to 128 printable ASCII characters without spaces");
  }

  @Test
  void onlyAnAdminMayExport() {
    assertThatThrownBy(() -> copyTo(directory.resolve("none.db"), "OPERATOR"))
        .isInstanceOf(CopyException.class)
        .hasMessageContaining("the server answers PERMISSION_DENIED")
        .hasMessageContaining("Only an ADMIN");
  }

  /** Receives messages only on request. */
  private static final class Hesitant
      implements ClientResponseObserver<ExportJobsRequest, ExportJobsResponse> {
    final List<ExportJobsResponse> parts = new CopyOnWriteArrayList<>();
    volatile @Nullable ClientCallStreamObserver<ExportJobsRequest> call;
    volatile @Nullable Code end;

    @Override
    public void beforeStart(ClientCallStreamObserver<ExportJobsRequest> started) {
      started.disableAutoRequestWithInitial(1);
      call = started;
    }

    @Override
    public void onNext(ExportJobsResponse part) {
      parts.add(part);
    }

    @Override
    public void onError(Throwable failure) {
      end = io.grpc.Status.fromThrowable(failure).getCode();
    }

    @Override
    public void onCompleted() {
      end = Code.OK;
    }
  }

  private Hesitant hesitant() {
    Hesitant reader = new Hesitant();
    AdminServiceGrpc.newStub(root.channel())
        .exportJobs(ExportJobsRequest.getDefaultInstance(), reader);
    await().until(() -> reader.parts.size() == 1);
    return reader;
  }

  @Test
  void aSlowReaderDelaysNoOtherCallAndMissesNothing() {
    HeldJob work = ann.start("long");
    for (int i = 0; i < 300; i++) {
      work.report(
          Report.newBuilder().addLogs(HeldJob.line(LogLevel.LOG_LEVEL_INFO, "x".repeat(LINE))));
    }
    ann.create("last");
    Hesitant reader = hesitant();
    // Three megabytes wait for it; other calls are answered in the meantime, on any thread.
    for (int i = 0; i < 100; i++) {
      work.heartbeat();
    }
    assertThat(reader.parts).hasSize(1);
    reader.call.request(1_000);
    await().until(() -> reader.end != null);
    assertThat(reader.end).isEqualTo(Code.OK);
    assertThat(reader.parts.stream().mapToInt(ExportJobsResponse::getEntriesCount).sum())
        .isEqualTo(ann.journal(work.jobId()).size() + 1);
    assertThat(reader.parts.get(reader.parts.size() - 1).getJob().getSpec().getType())
        .isEqualTo("last");
  }

  @Test
  void aStoppingServerEndsTheExport() {
    Logger audit = (Logger) LoggerFactory.getLogger("milepost.audit");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    audit.setLevel(Level.INFO);
    audit.addAppender(lines);
    HeldJob work = ann.start("long");
    for (int i = 0; i < 300; i++) {
      work.report(
          Report.newBuilder().addLogs(HeldJob.line(LogLevel.LOG_LEVEL_INFO, "x".repeat(LINE))));
    }
    Hesitant reader = hesitant();
    CompletableFuture<Void> stopped = CompletableFuture.runAsync(server.server()::close);
    // The line is written before the call is ended, so that a partial export is not taken as whole.
    await()
        .until(
            () ->
                lines.list.stream()
                    .map(event -> String.valueOf(event.getKeyValuePairs()))
                    .anyMatch(line -> line.contains("ExportJobs") && line.contains("UNAVAILABLE")));
    reader.call.request(1_000);
    await().until(() -> reader.end != null);
    assertThat(reader.end).isEqualTo(Code.UNAVAILABLE);
    stopped.join();
    audit.detachAppender(lines);
    audit.setLevel(null);
  }
}
