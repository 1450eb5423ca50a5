package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.workers.KnownWorkers;
import dev.milepost.server.workers.WorkerRecords;
import dev.milepost.storage.v1.KnownWorker;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.ListWorkersResponse;
import dev.milepost.v1.Worker;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Lists workers for operators and administrators. Thread-safe. */
@Singleton
public final class WorkerLists {
  private static final int WORKERS_PER_PAGE = 100;

  private final WorkerRecords workers;
  private final AccessPolicy policy;
  private final Pages pages;
  private final WorkerViews views;

  /** A worker, and its place in the order of lists. */
  private record Listed(String place, KnownWorker worker) {
    static Listed of(KnownWorker worker) {
      // Two workers of one name are told apart by what they ask for.
      return new Listed(
          String.join(
              "\n",
              worker.getTenantId(),
              worker.getWorkerId(),
              worker.getUserId(),
              String.join(" ", worker.getTypesList()),
              worker.getScopesValueList().toString(),
              worker.getMinPriority() + " " + worker.getMaxPriority()),
          worker);
    }
  }

  @Inject
  public WorkerLists(WorkerRecords workers, WorkerViews views, AccessPolicy policy, Pages pages) {
    this.workers = workers;
    this.policy = policy;
    this.pages = pages;
    this.views = views;
  }

  /** Returns a page of the workers that the caller may see. */
  public CompletionStage<ListWorkersResponse> list(Caller caller, ListWorkersRequest request) {
    FieldChecks violations = new FieldChecks();
    JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
    if (!request.getType().isEmpty()) {
      JobValidation.type(violations, "type", request.getType());
    }
    Pages.validate(violations, request.getPageSize());
    violations.orThrow();
    String tenant =
        policy
            .narrow(caller, JobFilter.newBuilder().setTenantId(request.getTenantId()).build())
            .getTenantId();
    String after = pages.position(caller, request, request.getPageToken()).orElse("");
    int size = Pages.size(request.getPageSize(), WORKERS_PER_PAGE);
    return workers
        .workers(tenant)
        .thenCompose(
            known -> {
              List<Listed> page = page(known, request, after, size + 1);
              return views
                  .of(page.stream().map(Listed::worker).toList())
                  .thenApply(shown -> response(caller, request, page, shown, size));
            });
  }

  private ListWorkersResponse response(
      Caller caller, ListWorkersRequest request, List<Listed> page, List<Worker> shown, int size) {
    int fitting = Math.min(size, Pages.fitting(shown));
    Optional<String> next =
        fitting < shown.size() ? Optional.of(page.get(fitting - 1).place()) : Optional.empty();
    return ListWorkersResponse.newBuilder()
        .addAllWorkers(shown.subList(0, fitting))
        .setNextPageToken(pages.token(caller, request, next))
        .build();
  }

  private static List<Listed> page(
      Collection<KnownWorker> known, ListWorkersRequest request, String after, int limit) {
    return known.stream()
        .filter(worker -> !request.getWaitingOnly() || worker.getWaiting())
        .filter(worker -> request.getType().isEmpty() || claims(worker, request.getType()))
        .map(Listed::of)
        .filter(listed -> listed.place().compareTo(after) > 0)
        .sorted(Comparator.comparing(Listed::place))
        .limit(limit)
        .toList();
  }

  private static boolean claims(KnownWorker worker, String type) {
    return worker.getTypesCount() == 0 || KnownWorkers.query(worker).types().contains(type);
  }
}
