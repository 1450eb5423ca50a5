package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.watch.ListWatchHub;
import dev.milepost.server.watch.ListWatchPosition;
import dev.milepost.server.watch.Watch;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Follows all jobs that match a filter, as far as the caller may see. */
final class JobsWatches {
  private static final String TOKEN = "resume_token";

  private final JobAccess access;
  private final ListWatchHub hub;
  private final Pages pages;
  private final Reauthorisation reauthorisation;

  JobsWatches(JobAccess access, ListWatchHub hub, Pages pages, Reauthorisation reauthorisation) {
    this.access = access;
    this.hub = hub;
    this.pages = pages;
    this.reauthorisation = reauthorisation;
  }

  void watch(Caller caller, WatchJobsRequest request, StreamObserver<WatchJobsResponse> observer) {
    JobsStream stream =
        new JobsStream(
            (ServerCallStreamObserver<WatchJobsResponse>) observer,
            position -> pages.tokenIn(TOKEN, caller, request, Optional.of(position.toString())));
    try {
      FieldChecks violations = new FieldChecks();
      JobFilters.validate(violations, request.getFilter());
      violations.orThrow();
      JobFilter filter = access.policy().narrow(caller, request.getFilter());
      ListWatchPosition position =
          pages
              .positionIn(TOKEN, caller, request, request.getResumeToken())
              .map(ListWatchPosition::parse)
              .orElse(null);
      Watch watch = hub.open(filter, position, stream);
      stream.follow(watch);
      reauthorisation.watch(watch::end);
    } catch (RuntimeException e) {
      stream.failed(e);
    }
  }
}
