package dev.milepost.server.grpc;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The RPCs of administrators. */
@Singleton
public final class AdminService extends AdminServiceGrpc.AdminServiceImplBase {
  private final JobStore store;
  private final OpenStreams streams;

  @Inject
  AdminService(JobStore store, OpenStreams streams) {
    this.store = store;
    this.streams = streams;
  }

  @Override
  public void exportJobs(ExportJobsRequest request, StreamObserver<ExportJobsResponse> out) {
    ExportStream export =
        new ExportStream(
            store, request.getTenantId(), (ServerCallStreamObserver<ExportJobsResponse>) out);
    try {
      FieldChecks violations = new FieldChecks();
      JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
      violations.orThrow();
      streams.watch(export::end);
      export.begin();
    } catch (RuntimeException | Error e) {
      export.end(e);
    }
  }
}
