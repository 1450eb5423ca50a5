package dev.milepost.benchmarks.foreign;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.milepost.v1.JobSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Ids of jobs of another user, and of jobs that do not exist. */
final class ForeignJobs {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final List<String> ids = new ArrayList<>();
  private final Random random = new Random(1);

  /**
   * Creates the jobs.
   *
   * @param owner connection of the other user
   * @param textLength characters of the params of each job
   */
  ForeignJobs(Connection owner, int jobs, int textLength) {
    Struct params =
        Struct.newBuilder()
            .putFields("text", Value.newBuilder().setStringValue("x".repeat(textLength)).build())
            .build();
    JobSpec spec = JobSpec.newBuilder().setType("foreign").setParams(params).build();
    CreateJobRequest request = CreateJobRequest.newBuilder().setSpec(spec).build();
    JobServiceBlockingStub stub = JobServiceGrpc.newBlockingStub(owner.channel());
    for (int i = 0; i < jobs; i++) {
      ids.add(stub.createJob(request).getJob().getId());
    }
  }

  /** Returns the id of any of the jobs. */
  String foreign() {
    return ids.get(random.nextInt(ids.size()));
  }

  /** Returns an id of no job. It lies beside one, so that both are looked up in the same place. */
  String absent() {
    String id = foreign();
    String other = id;
    while (ids.contains(other)) {
      other = id.substring(0, id.length() - 4) + hex() + hex() + hex() + hex();
    }
    return other;
  }

  private char hex() {
    return HEX[random.nextInt(HEX.length)];
  }
}
