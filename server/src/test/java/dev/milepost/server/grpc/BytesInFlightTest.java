package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListJobsRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the calls of one user can make the server hold. */
class BytesInFlightTest {
  private static final String LIST = "milepost.v1.JobService/ListJobs";
  private static final String CREATE = "milepost.v1.JobService/CreateJob";
  private static final String REPORTS = "milepost.v1.WorkerService/ReportStream";
  private static final int MIB = 1024 * 1024;
  private static final Map<String, Object> SMALL =
      Map.of(
          "milepost.limits.bytes-in-flight", "32M",
          "milepost.limits.bytes-in-flight-per-user", "8M",
          "milepost.limits.bytes-in-flight-per-connection", "16M");

  /** Creates jobs that make a list of more than a mebibyte. */
  private static void createLargeJobs(TestClient client) {
    Struct large =
        Struct.newBuilder()
            .putFields("x", Value.newBuilder().setStringValue("x".repeat(200_000)).build())
            .build();
    for (int i = 0; i < 6; i++) {
      client.create(JobSpec.newBuilder().setType("large").setParams(large));
    }
  }

  @Test
  void listsThatAreNotReadAreRefusedAndOthersAreServed() {
    try (TestServer server = TestServer.start(SMALL);
        RawConnection slow = RawConnection.withWindow(server.port(), 0)) {
      TestClient ann = server.client();
      createLargeJobs(ann);
      byte[] all = ListJobsRequest.getDefaultInstance().toByteArray();
      List<Integer> lists = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int stream = slow.call(LIST);
        slow.request(stream, all);
        lists.add(stream);
      }
      // The connection's window lets no list through, but the refusal of the last one.
      assertThat(slow.awaitEnd(lists.get(39))).startsWith("8 ");
      Failure refused = Failure.of(() -> ann.jobs().listJobs(ListJobsRequest.getDefaultInstance()));
      assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(refused.info().getMetadataMap())
          .containsEntry("limit", "milepost.limits.bytes-in-flight-per-user");
      TestClient bob = server.client().as("bob");
      createLargeJobs(bob);
      assertThat(bob.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount())
          .isPositive();
      server.clock().advance(Duration.ofMinutes(3));
      await()
          .ignoreExceptions()
          .until(
              () -> ann.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount() > 0);
    }
  }

  @Test
  void aListThatIsNotReadIsResetInTheEnd() {
    try (TestServer server = TestServer.start();
        RawConnection slow = RawConnection.withWindow(server.port(), 0)) {
      TestClient ann = server.client();
      String job = ann.create("a").getId();
      int stream = slow.call("milepost.v1.JobService/GetJob");
      slow.request(stream, GetJobRequest.newBuilder().setJobId(job).build().toByteArray());
      // Its headers come; its message does not.
      RawConnection.Frame frame = slow.next();
      while (frame.type() != RawConnection.HEADERS) {
        frame = slow.next();
      }
      server.clock().advance(Duration.ofMinutes(3));
      slow.awaitReset(stream);
      assertThat(ann.get(job).getId()).isEqualTo(job);
    }
  }

  @Test
  void halfRequestsBeyondTheLimitAreRefusedAndOthersAreServed() {
    try (TestServer server = TestServer.start(SMALL);
        RawConnection attacker = RawConnection.to(server.port())) {
      byte[] piece = new byte[16_000];
      int stream = 0;
      for (int i = 0; i < 3; i++) {
        stream = attacker.call(CREATE);
        attacker.head(stream, false, 4 * MIB);
        for (int sent = 0; sent < 4 * MIB - piece.length; sent += piece.length) {
          attacker.data(stream, piece);
        }
      }
      assertThat(attacker.awaitEnd(stream)).startsWith("8 ");
      assertThat(server.client().as("bob").create("a").getId()).isNotEmpty();
    }
  }

  @Test
  void aRequestThatDoesNotArriveInTimeIsEnded() {
    try (TestServer server = TestServer.start();
        RawConnection attacker = RawConnection.to(server.port())) {
      int create = attacker.call(CREATE);
      attacker.head(create, false, 1_000);
      attacker.data(create, new byte[500]);
      int reports = attacker.call(REPORTS);
      attacker.head(reports, false, 1_000);
      attacker.data(reports, new byte[500]);
      int silent = attacker.call(REPORTS);
      int list = attacker.call(LIST);
      attacker.request(list, new byte[0]);
      assertThat(attacker.awaitEnd(list)).startsWith("0 ");
      server.clock().advance(Duration.ofSeconds(31));
      List<Integer> ended = new ArrayList<>();
      while (ended.size() < 2) {
        RawConnection.Frame frame = attacker.next();
        if (frame.endsStream() && frame.type() == RawConnection.HEADERS) {
          ended.add(frame.stream());
        }
      }
      assertThat(ended).containsExactlyInAnyOrder(create, reports).doesNotContain(silent);
    }
  }
}
