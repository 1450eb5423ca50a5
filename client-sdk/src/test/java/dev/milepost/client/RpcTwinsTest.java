package dev.milepost.client;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobView;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.ListWorkersRequest;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that each RPC of the contract has a blocking and an asynchronous method in the client, and
 * that both fail with the exception itself. An RPC that is added to the contract fails this test
 * until it has both, or a reason why not.
 */
@Timeout(60)
class RpcTwinsTest {
  private static final String REPORTS = "made by Worker, JobClient.run and JobClient.start";
  private static final String COMMANDS = "used by a command of the server: docs/BACKUP.md";

  /** The RPCs without a method of their own, and why. */
  private static final Map<String, String> WITHOUT_TWINS =
      Map.ofEntries(
          entry("WorkerService/ClaimJobs", REPORTS),
          entry("WorkerService/Report", "reports are sent on ReportStream, in order"),
          entry("WorkerService/ReportStream", REPORTS),
          entry("WorkerService/Heartbeat", REPORTS),
          entry("WorkerService/CompleteJob", REPORTS),
          entry("WorkerService/FailJob", REPORTS),
          entry("WorkerService/ConfirmCancel", REPORTS),
          entry("WorkerService/ReleaseJob", REPORTS),
          entry("AdminService/WatchStats", "an overview for people; stats() has the numbers"),
          entry("AdminService/ExportJobs", COMMANDS),
          entry("AdminService/BackupStore", COMMANDS));

  private static final JobSpec SPEC = JobSpec.of("sync");
  private static final CreateOptions OPTIONS = CreateOptions.defaults();
  private static final JobFilter FILTER = JobFilter.newBuilder().setUserId("ann").build();
  private static final List<Item> ITEMS = List.of(Item.newBuilder().setId("a").build());
  private static final EraseUserRequest ERASE =
      EraseUserRequest.newBuilder().setTenantId("default").setUserId("ann").build();

  private static final Map<String, Twins> TWINS =
      Map.ofEntries(
          twins("JobService/CreateJob", c -> c.create(SPEC), a -> a.create(SPEC)),
          twins(
              "JobService/CreateJobs",
              c -> c.createBatch(SPEC, ITEMS),
              a -> a.createBatch(SPEC, OPTIONS, ITEMS)),
          twins("JobService/GetJob", c -> c.get("j"), a -> a.get("j")),
          twins("JobService/ExplainJob", c -> c.attach("j").explain(), a -> a.explain("j")),
          twins(
              "JobService/BatchGetJobs",
              c -> c.getAll(List.of("j", "k")),
              a -> a.getAll(List.of("j", "k"))),
          twins(
              "JobService/ListJobs",
              c -> read(c.list(FILTER)),
              a -> a.listPage(FILTER, "", JobView.JOB_VIEW_FULL, "")),
          twins("JobService/CountJobs", c -> c.count(FILTER), a -> a.count(FILTER)),
          twins(
              "JobService/UpdateJob",
              c -> c.update("j", JobUpdate.none().priority(1)),
              a -> a.update("j", JobUpdate.none().priority(1))),
          twins("JobService/CancelJob", c -> c.cancel("j", "why"), a -> a.cancel("j", "why")),
          twins(
              "JobService/CancelJobs",
              c -> c.cancelJobs(FILTER, "why"),
              a -> a.cancelJobs(FILTER, "why")),
          twins("JobService/RetryJob", c -> c.retry("j"), a -> a.retry("j")),
          twins("JobService/RetryJobs", c -> c.retryJobs(FILTER), a -> a.retryJobs(FILTER)),
          twins("JobService/DeleteJob", c -> c.delete("j"), a -> a.delete("j")),
          twins("JobService/DeleteJobs", c -> c.deleteJobs(FILTER), a -> a.deleteJobs(FILTER)),
          twins(
              "JobService/CleanupJobs",
              c -> c.cleanupJobs(Duration.ZERO, FILTER),
              a -> a.cleanupJobs(Duration.ZERO, FILTER)),
          twins(
              "JobService/WaitJob",
              c -> c.await("j", Duration.ofSeconds(1)),
              a -> a.await("j", Duration.ofSeconds(1))),
          twins(
              "JobService/WatchJob",
              c -> read(c.watch("j")),
              a -> end(a.watch("j", WatchOptions.defaults()))),
          twins(
              "JobService/WatchJobs",
              c -> read(c.watchJobs(FILTER)),
              a -> end(a.watchJobs(FILTER, JobView.JOB_VIEW_FULL))),
          twins(
              "JobService/ListJournal",
              c -> read(c.journal("j")),
              a -> a.journalPage("j", JournalOptions.defaults(), "")),
          twins("JobService/GetCaller", c -> c.caller(), a -> a.caller()),
          twins("JobService/GetProgress", c -> c.attach("j").progress(), a -> a.progress("j")),
          twins(
              "JobService/WatchProgress",
              c -> read(c.watchProgress("j")),
              a -> end(a.watchProgress("j"))),
          twins(
              "JobService/ShareJob",
              c -> c.shareJob("j", Duration.ofDays(1), ""),
              a -> a.shareJob("j", Duration.ofDays(1), "")),
          twins("JobService/ListShares", c -> c.shares("j"), a -> a.shares("j")),
          twins("JobService/UnshareJob", c -> c.unshareJob("j"), a -> a.unshareJob("j")),
          twins("JobService/GetOutcome", c -> c.attach("j").outcome(), a -> a.outcome("j")),
          twins("JobService/ListItems", c -> read(c.items("j")), a -> a.itemsPage("j", "")),
          twins(
              "JobService/RetryFailedItems",
              c -> c.retryFailedItems("j"),
              a -> a.retryFailedItems("j")),
          twins(
              "TaskService/ListTaskDefinitions",
              c -> c.taskDefinitions(),
              a -> a.taskDefinitions()),
          twins("TaskService/StartTask", c -> c.startTask(SPEC), a -> a.startTask(SPEC, OPTIONS)),
          twins("TaskService/GetTask", c -> c.task("t"), a -> a.task("t")),
          twins(
              "TaskService/ListTasks",
              c -> read(c.tasks(ListTasksRequest.getDefaultInstance())),
              a -> a.tasksPage(ListTasksRequest.getDefaultInstance(), "")),
          twins("TaskService/CancelTask", c -> c.cancelTask("t", ""), a -> a.cancelTask("t", "")),
          twins("TaskService/WatchTask", c -> read(c.watchTask("t")), a -> end(a.watchTask("t"))),
          twins(
              "AdminService/GetServerInfo",
              c -> c.admin().serverInfo(),
              a -> a.admin().serverInfo()),
          twins("AdminService/GetStats", c -> c.admin().stats(""), a -> a.admin().stats("")),
          twins(
              "AdminService/ListWorkers",
              c -> c.admin().workers(ListWorkersRequest.getDefaultInstance()),
              a -> a.admin().workers(ListWorkersRequest.getDefaultInstance())),
          twins(
              "AdminService/EraseUser",
              c -> c.admin().eraseUser(ERASE),
              a -> a.admin().eraseUser(ERASE)));

  private final Set<String> called = ConcurrentHashMap.newKeySet();
  private Server server;
  private JobClient client;

  /** The two methods for an RPC. */
  private record Twins(
      Consumer<JobClient> blocking, Function<AsyncJobClient, CompletableFuture<?>> async) {}

  private static Map.Entry<String, Twins> twins(
      String rpc,
      Consumer<JobClient> blocking,
      Function<AsyncJobClient, CompletableFuture<?>> async) {
    return entry(rpc, new Twins(blocking, async));
  }

  /** A server that knows every method, notes which one is called, and refuses the call. */
  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                    return refusing(name);
                  }
                })
            .build()
            .start();
    client = JobClient.connect("localhost:" + server.getPort());
  }

  private ServerMethodDefinition<?, ?> refusing(String method) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setFullMethodName(method)
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .build();
    return ServerMethodDefinition.create(
        descriptor,
        (call, headers) -> {
          called.add(method);
          call.close(Status.PERMISSION_DENIED.withDescription("refused"), new Metadata());
          return new ServerCall.Listener<>() {};
        });
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }

  @Test
  void eachRpcOfTheContractHasTwinsOrAReasonWhyNot() throws ReflectiveOperationException {
    Set<String> known = new HashSet<>(TWINS.keySet());
    known.addAll(WITHOUT_TWINS.keySet());

    assertThat(rpcs()).hasSizeGreaterThan(40).containsExactlyInAnyOrderElementsOf(known);
    assertThat(TWINS.keySet()).doesNotContainAnyElementsOf(WITHOUT_TWINS.keySet());
  }

  /** The RPCs of all generated services: "JobService/GetJob". */
  private static List<String> rpcs() throws ReflectiveOperationException {
    List<String> rpcs = new ArrayList<>();
    for (JavaClass type : new ClassFileImporter().importPackages("dev.milepost.v1")) {
      if (type.getSimpleName().endsWith("Grpc")) {
        Method descriptor = Class.forName(type.getName()).getMethod("getServiceDescriptor");
        Collection<MethodDescriptor<?, ?>> methods =
            ((ServiceDescriptor) descriptor.invoke(null)).getMethods();
        methods.forEach(method -> rpcs.add(shortName(method.getFullMethodName())));
      }
    }
    return rpcs;
  }

  private static String shortName(String method) {
    return method.substring("milepost.v1.".length());
  }

  @TestFactory
  Stream<DynamicTest> bothTwinsMakeTheCallAndFailWithItsException() {
    return TWINS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            twins ->
                DynamicTest.dynamicTest(
                    twins.getKey(), () -> bothFail(twins.getKey(), twins.getValue())));
  }

  private void bothFail(String rpc, Twins twins) throws Exception {
    Throwable thrown = catchThrowable(() -> twins.blocking().accept(client));
    assertThat(thrown).isInstanceOf(AccessDeniedException.class).hasMessageContaining("refused");
    assertThat(called).as("called by the blocking twin").containsExactly("milepost.v1." + rpc);

    called.clear();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    CompletableFuture<?> unused =
        twins.async().apply(client.async()).whenComplete((done, why) -> failure.complete(why));
    assertThat(failure.get(10, TimeUnit.SECONDS))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("refused");
    assertThat(called).as("called by the other twin").containsExactly("milepost.v1." + rpc);
    called.clear();
  }

  private static void read(Iterable<?> elements) {
    elements.forEach(element -> {});
  }

  /** Subscribes to a watch; the future has what ended it. */
  private static <E> CompletableFuture<E> end(Watch<E> watch) {
    CompletableFuture<E> end = new CompletableFuture<>();
    watch.subscribe(
        new Flow.Subscriber<E>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(1);
          }

          @Override
          public void onNext(E event) {
            end.complete(event);
          }

          @Override
          public void onError(Throwable thrown) {
            end.completeExceptionally(thrown);
          }

          @Override
          public void onComplete() {
            end.cancel(false);
          }
        });
    return end;
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      return new byte[0];
    }
  }
}
