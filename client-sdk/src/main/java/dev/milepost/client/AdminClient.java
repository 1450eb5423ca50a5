package dev.milepost.client;

import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.GetServerInfoResponse;
import dev.milepost.v1.GetStatsResponse;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.ListWorkersResponse;

/**
 * What operators ask a server. Thread-safe. Errors are those of {@link JobClient}: {@link
 * AccessDeniedException} without the role that a call requires.
 *
 * <p>Backups and exports are made with the server's own commands; see docs/BACKUP.md.
 */
public final class AdminClient {
  private final AsyncAdminClient async;

  AdminClient(AsyncAdminClient async) {
    this.async = async;
  }

  /** Describes the server that answers. Requires the role OPERATOR or ADMIN. */
  public GetServerInfoResponse serverInfo() {
    return Futures.join(async.serverInfo());
  }

  /**
   * Reads how many jobs there are and what has become of them lately. Requires the role OPERATOR or
   * ADMIN.
   *
   * @param tenantId tenant; empty: the caller's for an OPERATOR, all tenants for an ADMIN
   */
  public GetStatsResponse stats(String tenantId) {
    return Futures.join(async.stats(tenantId));
  }

  /**
   * Reads a page of the workers that wait for jobs, or have done so in the last 24 hours. Requires
   * the role OPERATOR or ADMIN.
   */
  public ListWorkersResponse workers(ListWorkersRequest request) {
    return Futures.join(async.workers(request));
  }

  /**
   * Deletes everything that a user owns. Works in slices, until nothing is left or a call fails;
   * repeating it completes the rest. Requires the role ADMIN.
   *
   * @param request names the tenant and the user; with {@code validate_only}, nothing is changed
   * @return what was removed, by all slices together
   * @throws JobStateException if jobs of the user run, and {@code cancel_running} is not set
   */
  public EraseUserResponse eraseUser(EraseUserRequest request) {
    return Futures.join(async.eraseUser(request));
  }
}
