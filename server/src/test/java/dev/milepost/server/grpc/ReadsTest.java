package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many reads are in progress at a time, whether or not anyone still waits for them. */
class ReadsTest {
  private static final ListJobsRequest ALL = ListJobsRequest.getDefaultInstance();

  private final SettableClock clock = new SettableClock();
  private final SlowLists lists = new SlowLists(new MemoryJobStore(clock, 1_000));
  private final TestServer server =
      TestServer.start(
          Map.of(
              "milepost.limits.bytes-in-flight", "32M",
              "milepost.limits.bytes-in-flight-per-user", "8M"),
          clock,
          lists.module());
  private final TestClient ann = server.client();
  private final TestClient bob = ann.as("bob");

  @AfterEach
  void stop() {
    lists.answerAll();
    server.close();
  }

  /** A store that answers lists when the test says so. */
  private static final class SlowLists {
    private final JobStore store;
    private final List<Runnable> waiting = new CopyOnWriteArrayList<>();
    private volatile boolean isSlow = true;

    SlowLists(JobStore store) {
      this.store = store;
    }

    Module module() {
      Object slow =
          Proxy.newProxyInstance(
              JobStore.class.getClassLoader(),
              new Class<?>[] {JobStore.class},
              (proxy, method, arguments) -> {
                if (isSlow && method.getName().equals("list")) {
                  CompletableFuture<JobPage> page = new CompletableFuture<>();
                  JobQuery query = (JobQuery) arguments[0];
                  waiting.add(() -> store.list(query).thenAccept(page::complete));
                  return page;
                }
                try {
                  return method.invoke(store, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
      return new AbstractModule() {
        @Override
        protected void configure() {
          bind(JobStore.class).toInstance((JobStore) slow);
        }
      };
    }

    int inProgress() {
      return waiting.size();
    }

    void answerAll() {
      isSlow = false;
      waiting.forEach(Runnable::run);
    }
  }

  private static PendingCall<ListJobsRequest, ListJobsResponse> list(TestClient client) {
    return PendingCall.call(client.jobsAsync()::listJobs, ALL);
  }

  private static List<PendingCall<ListJobsRequest, ListJobsResponse>> lists(
      TestClient client, int count) {
    List<PendingCall<ListJobsRequest, ListJobsResponse>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(list(client));
    }
    return calls;
  }

  /** Calls of one connection arrive in their order, so those before it have been handled. */
  private void awaitListOfBob(int inProgress) {
    var unused = list(bob);
    await().untilAsserted(() -> assertThat(lists.inProgress()).isEqualTo(inProgress));
  }

  @Test
  void readsOfOneUserTakeTurnsAndAllAreAnswered() throws Exception {
    var calls = lists(ann, 20);
    await().until(() -> lists.inProgress() >= 4);
    awaitListOfBob(5);
    lists.answerAll();
    for (var call : calls) {
      assertThat(call.soon().getJobsCount()).isZero();
    }
  }

  @Test
  void aReadCountsUntilTheStoreHasAnsweredAlthoughItsCallerHasLeft() throws Exception {
    var gone = lists(ann, 20);
    await().until(() -> lists.inProgress() >= 4);
    gone.forEach(PendingCall::cancel);
    var later = lists(ann, 5);
    awaitListOfBob(5);
    lists.answerAll();
    for (var call : later) {
      assertThat(call.soon().getJobsCount()).isZero();
    }
  }

  @Test
  void malformedRequestsTakeNoRoom() {
    try (TestServer small =
            TestServer.start(Map.of("milepost.limits.bytes-in-flight-per-user", "9M"));
        RawConnection raw = RawConnection.to(small.port())) {
      // More than there is room for reads.
      for (int i = 0; i < 20; i++) {
        int stream = raw.call("milepost.v1.JobService/ListJobs");
        raw.request(stream, new byte[] {0x0a, 0x7f});
        assertThat(raw.awaitEnd(stream)).startsWith("3 ");
      }
      ListJobsResponse listed =
          small.client().jobs().withDeadlineAfter(20, TimeUnit.SECONDS).listJobs(ALL);
      assertThat(listed.getJobsList()).isEmpty();
    }
  }
}
