package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import java.util.List;
import java.util.stream.Stream;

/**
 * Paths of their own for what dashboards and scripts ask most, beside those of the rules: an RPC
 * whose request has some fields set already. Parameters set the others.
 */
final class ShortForms {
  private static final List<Form> ALL =
      List.of(
          new Form(
              "/v1/jobs:active",
              "List active jobs",
              in(
                  JobState.JOB_STATE_QUEUED,
                  JobState.JOB_STATE_RUNNING,
                  JobState.JOB_STATE_CANCELLING)),
          new Form(
              "/v1/jobs:past",
              "List finished jobs",
              in(
                  JobState.JOB_STATE_SUCCEEDED,
                  JobState.JOB_STATE_FAILED,
                  JobState.JOB_STATE_CANCELLED)),
          new Form(
              "/v1/jobs/{job_id}/logs",
              "List the log lines of a job",
              ListJournalRequest.newBuilder().setLogsOnly(true).build()));

  private ShortForms() {}

  /**
   * A short form, which is read by GET.
   *
   * @param title what it does, for its description
   * @param request the request of its RPC, with the fields that are set already
   */
  private record Form(String path, String title, Message request) {}

  private static Message in(JobState... states) {
    return ListJobsRequest.newBuilder()
        .setFilter(JobFilter.newBuilder().addAllStates(List.of(states)))
        .build();
  }

  /** Returns the short forms of an RPC. */
  static Stream<Route> of(Rpc rpc) {
    return ALL.stream()
        .filter(form -> form.request().getDescriptorForType().equals(rpc.schema().getInputType()))
        .map(
            form ->
                new Route(
                    "GET",
                    PathTemplate.parse(form.path()),
                    "",
                    "",
                    rpc,
                    form.request(),
                    form.title()));
  }
}
