package dev.milepost.server.app;

import com.google.protobuf.MessageLite;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.BatchGetJobsResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListItemsResponse;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.UnreadableItem;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Lists and counts the jobs that the caller can see. */
@Singleton
public final class JobQueries {
  private static final int JOBS_PER_PAGE = 50;
  private static final int ITEMS_PER_PAGE = 100;
  private static final int MAX_GROUPS = 5;
  private static final int MAX_ITEM_STATES = 5;

  private static final Comparator<JobCount> LARGEST_FIRST =
      Comparator.comparingLong(JobCount::getCount)
          .reversed()
          .thenComparing(JobCount::getType)
          .thenComparing(JobCount::getUserId)
          .thenComparing(JobCount::getProjectId)
          .thenComparing(JobCount::getState)
          .thenComparing(JobCount::getScope);

  private final JobStore store;
  private final JobAccess access;
  private final Pages pages;
  private final JobScan scan;
  private final SortedJobs sorted;
  private final JournalReader journals;
  private final BatchItems batchItems;

  @Inject
  public JobQueries(JobStore store, JobAccess access, Pages pages) {
    this.store = store;
    this.access = access;
    this.pages = pages;
    this.scan = new JobScan(store, JobScan.MAX_JOBS);
    this.sorted = new SortedJobs(scan, store);
    this.journals = new JournalReader(store, access, pages);
    this.batchItems = new BatchItems(store);
  }

  public CompletionStage<BatchGetJobsResponse> batchGet(
      Caller caller, BatchGetJobsRequest request) {
    FieldChecks violations = new FieldChecks();
    violations.range("job_ids", request.getJobIdsCount(), 1, Pages.MAX_PAGE_SIZE);
    request.getJobIdsList().forEach(id -> JobValidation.jobId(violations, "job_ids", id));
    JobViews.validate(violations, request.getView());
    violations.orThrow();
    List<String> ids = request.getJobIdsList().stream().distinct().toList();
    List<JobKey> keys = ids.stream().map(id -> new JobKey(caller.tenantId(), id)).toList();
    return store
        .get(
            keys,
            access.policy().onlyOwner(caller),
            Pages.MAX_PAGE_BYTES,
            visible(caller, JobViews.shape(request.getView())))
        .thenApply(
            found -> {
              Set<String> missing = new LinkedHashSet<>(ids.subList(0, found.read()));
              found.jobs().forEach(record -> missing.remove(record.getJob().getId()));
              List<String> unreadable = access.ids(caller, found.unreadable());
              unreadable.forEach(missing::remove);
              return BatchGetJobsResponse.newBuilder()
                  .addAllJobs(found.jobs().stream().map(JobRecord::getJob).toList())
                  .addAllMissingJobIds(missing)
                  .addAllUnreadableJobIds(unreadable)
                  .addAllOmittedJobIds(ids.subList(found.read(), ids.size()))
                  .build();
            });
  }

  /** Leaves out the jobs that a caller cannot see. */
  private JobShape visible(Caller caller, JobShape shape) {
    return job -> access.isVisible(caller, job) ? shape.of(job) : null;
  }

  public CompletionStage<ListJobsResponse> list(Caller caller, ListJobsRequest request) {
    FieldChecks violations = new FieldChecks();
    JobFilters.validate(violations, request.getFilter());
    JobOrder order = JobOrder.parse(violations, request.getOrderBy());
    Pages.validate(violations, request.getPageSize());
    JobViews.validate(violations, request.getView());
    violations.orThrow();
    JobFilter filter = access.policy().narrow(caller, request.getFilter());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    JobShape view = JobViews.shape(request.getView());
    PageReader reader =
        order.field() == JobOrder.Field.CREATE_TIME
            ? (limit, shape) -> byCreation(filter, order.descending(), after, limit, shape)
            : (limit, shape) -> sorted.page(filter, order, after, limit, shape);
    return records(caller, reader, pageSize(request.getPageSize()), view, JobRecord::getJob)
        .thenApply(
            page ->
                ListJobsResponse.newBuilder()
                    .addAllJobs(page.shown())
                    .addAllUnreadableJobIds(page.unreadableIds())
                    .setNextPageToken(pages.token(caller, request, page.next()))
                    .build());
  }

  /**
   * A page as a caller sees it.
   *
   * @param shown in the requested form
   * @param unreadableIds ids of jobs on it that cannot be read
   * @param next start of the next page; empty on the last page
   */
  public record Shown<M>(List<M> shown, List<String> unreadableIds, Optional<String> next) {}

  /** Reads a page of jobs, by a filter that is narrowed to the caller. */
  @FunctionalInterface
  public interface PageReader {
    /** Reads at most so many jobs, in a shape. */
    CompletionStage<JobPage> read(int limit, JobShape shape);
  }

  /**
   * Reads a page of what a caller can see, in a form of its own, that fits into one message. If it
   * does not fit, reads the page again with as many jobs as do.
   */
  public <M extends MessageLite> CompletionStage<Shown<M>> page(
      Caller caller, PageReader reader, int limit, Function<Job, M> form) {
    return records(caller, reader, limit, JobShape.WHOLE, record -> form.apply(record.getJob()));
  }

  /** Reads a page in a form that shows more than the job itself. */
  <M extends MessageLite> CompletionStage<Shown<M>> records(
      Caller caller, PageReader reader, int limit, JobShape shape, Function<JobRecord, M> form) {
    return reader
        .read(limit, visible(caller, shape))
        .thenCompose(
            page -> {
              List<M> shown = page.jobs().stream().map(form).toList();
              int fitting = Pages.fitting(shown);
              return fitting < shown.size()
                  ? records(caller, reader, fitting, shape, form)
                  : CompletableFuture.completedFuture(
                      new Shown<>(shown, access.ids(caller, page.unreadable()), page.next()));
            });
  }

  /** Returns the newest jobs after a position. */
  public CompletionStage<JobPage> newestFirst(
      JobFilter filter, Optional<String> after, int limit, JobShape shape) {
    return byCreation(filter, true, after, limit, shape);
  }

  private CompletionStage<JobPage> byCreation(
      JobFilter filter, boolean newestFirst, Optional<String> after, int limit, JobShape shape) {
    return store.list(new JobQuery(filter, newestFirst, after, limit, Pages.MAX_PAGE_BYTES, shape));
  }

  /** Returns the page size for a requested one. */
  public static int pageSize(int asked) {
    return Pages.size(asked, JOBS_PER_PAGE);
  }

  public CompletionStage<CountJobsResponse> count(Caller caller, CountJobsRequest request) {
    FieldChecks violations = new FieldChecks();
    JobFilters.validate(violations, request.getFilter());
    violations.count("group_by", request.getGroupByCount(), MAX_GROUPS);
    Set<JobGroup> groups = new LinkedHashSet<>(request.getGroupByList());
    violations.check(
        !groups.contains(JobGroup.JOB_GROUP_UNSPECIFIED) && !groups.contains(JobGroup.UNRECOGNIZED),
        "group_by",
        "must be known values");
    violations.orThrow();
    return counts(
            caller, new CountQuery(access.policy().narrow(caller, request.getFilter()), groups))
        .thenApply(
            counts -> {
              CountJobsResponse.Builder response =
                  CountJobsResponse.newBuilder()
                      .setTotal(counts.stream().mapToLong(JobCount::getCount).sum())
                      .setStoredBytes(counts.stream().mapToLong(JobCount::getStoredBytes).sum());
              if (!groups.isEmpty()) {
                List<JobCount> sorted = counts.stream().sorted(LARGEST_FIRST).toList();
                int fitting = Pages.fitting(sorted);
                response
                    .addAllCounts(sorted.subList(0, fitting))
                    .setOmitted(sorted.stream().skip(fitting).mapToLong(JobCount::getCount).sum());
              }
              return response.build();
            });
  }

  /** Returns the store's maintained counts or, if it has none for the filter, counts by a scan. */
  private CompletionStage<List<JobCount>> counts(Caller caller, CountQuery query) {
    if (CountQuery.isCounted(query.filter())) {
      return store.count(query);
    }
    Map<JobCount, CellCount> counts = new HashMap<>();
    return scan.all(
            query.filter(),
            "count by anything but user, tenant, state, type, project and scope",
            job -> {
              if (access.isVisible(caller, job)) {
                counts.merge(
                    CountCell.of(job).group(query.groups()), CellCount.of(job), CellCount::plus);
              }
            })
        .thenApply(done -> CountQuery.counts(counts));
  }

  public CompletionStage<ListJournalResponse> journal(Caller caller, ListJournalRequest request) {
    return journals.read(caller, request);
  }

  public CompletionStage<ListItemsResponse> items(Caller caller, ListItemsRequest request) {
    FieldChecks violations = new FieldChecks();
    Pages.validate(violations, request.getPageSize());
    JobValidation.projectId(violations, "project_id", request.getProjectId());
    violations.count("states", request.getStatesCount(), MAX_ITEM_STATES);
    violations.check(
        request.getStatesList().stream()
            .noneMatch(
                state ->
                    state == ItemState.ITEM_STATE_UNSPECIFIED || state == ItemState.UNRECOGNIZED),
        "states",
        "must be known values");
    violations.orThrow();
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    ItemQuery query =
        new ItemQuery(
            JobAccess.key(caller, request.getJobId()),
            request.getStatesList().stream().collect(Collectors.toSet()),
            request.getProjectId(),
            after.orElse(""),
            Pages.size(request.getPageSize(), ITEMS_PER_PAGE),
            Pages.MAX_PAGE_BYTES);
    return access
        .readForItems(caller, request.getJobId(), request.getAttemptToken())
        .thenCompose(
            job ->
                job.getJob().getKind() == JobKind.JOB_KIND_BATCH
                    ? ofChildren(query)
                    : ofItself(query))
        .thenApply(
            page ->
                ListItemsResponse.newBuilder()
                    .addAllItems(page.items())
                    .addAllUnreadableItems(page.unreadable())
                    .setNextPageToken(pages.token(caller, request, page.next()))
                    .build());
  }

  private record ShownItems(
      List<Item> items, List<UnreadableItem> unreadable, Optional<String> next) {}

  private CompletionStage<ShownItems> ofItself(ItemQuery query) {
    return store
        .items(query)
        .thenApply(
            page -> {
              List<Item> items = page.items().subList(0, Pages.fitting(page.items()));
              boolean more = page.more() || items.size() < page.items().size();
              return new ShownItems(
                  items,
                  BatchItems.unreadable(query.key(), page.unreadable()),
                  more && !items.isEmpty()
                      ? Optional.of(items.get(items.size() - 1).getId())
                      : Optional.empty());
            });
  }

  private CompletionStage<ShownItems> ofChildren(ItemQuery query) {
    return batchItems
        .read(query, BatchItems.Place.parse(query.afterId()))
        .thenApply(
            page -> {
              int fitting = Pages.fitting(page.items());
              Optional<BatchItems.Place> next =
                  fitting < page.items().size()
                      ? Optional.of(page.places().get(fitting - 1))
                      : page.next();
              return new ShownItems(
                  page.items().subList(0, fitting),
                  page.unreadable(),
                  next.map(BatchItems.Place::text));
            });
  }
}
