package dev.milepost.client;

import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.GetServerInfoRequest;
import dev.milepost.v1.GetServerInfoResponse;
import dev.milepost.v1.GetStatsRequest;
import dev.milepost.v1.GetStatsResponse;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.ListWorkersResponse;
import java.util.concurrent.CompletableFuture;

/** The calls of {@link AdminClient} as futures, as {@link AsyncJobClient} says. Thread-safe. */
public final class AsyncAdminClient {
  private final Calls calls;

  AsyncAdminClient(Calls calls) {
    this.calls = calls;
  }

  /** Describes the server that answers. Requires the role OPERATOR or ADMIN. */
  public CompletableFuture<GetServerInfoResponse> serverInfo() {
    return calls.unary(
        AdminServiceGrpc.getGetServerInfoMethod(), GetServerInfoRequest.getDefaultInstance());
  }

  /**
   * Reads how many jobs there are and what has become of them lately. Requires the role OPERATOR or
   * ADMIN.
   *
   * @param tenantId tenant; empty: the caller's for an OPERATOR, all tenants for an ADMIN
   */
  public CompletableFuture<GetStatsResponse> stats(String tenantId) {
    GetStatsRequest request = GetStatsRequest.newBuilder().setTenantId(tenantId).build();
    return calls.unary(AdminServiceGrpc.getGetStatsMethod(), request);
  }

  /**
   * Reads a page of the workers that wait for jobs, or have done so in the last 24 hours. Requires
   * the role OPERATOR or ADMIN.
   */
  public CompletableFuture<ListWorkersResponse> workers(ListWorkersRequest request) {
    return calls.unary(AdminServiceGrpc.getListWorkersMethod(), request);
  }

  /** See {@link AdminClient#eraseUser}. Cancelling the future stops it before its next call. */
  public CompletableFuture<EraseUserResponse> eraseUser(EraseUserRequest request) {
    return new UserErasure(calls, request).start();
  }
}
