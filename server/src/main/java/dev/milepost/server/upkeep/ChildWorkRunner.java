package dev.milepost.server.upkeep;

import dev.milepost.server.job.ChildSlices;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the recorded work on the child jobs of a parent in slices. Each slice is a commit that
 * records where the next one begins; if the server dies, the next server that ticks the parent
 * continues. Thread-safe.
 */
final class ChildWorkRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ChildWorkRunner.class);

  private static final int SLICE_JOBS = 100;

  /** Fewer child jobs per slice of deletions, as each may have 2,000 items. */
  private static final int SLICE_DELETIONS = 4;

  private static final int SLICE_ITEMS = 500;

  private final JobStore store;
  private final ChildSlices slices;
  private final TickObserver observer;
  private volatile boolean closed;

  ChildWorkRunner(JobStore store, ChildSlices slices, TickObserver observer) {
    this.store = store;
    this.slices = slices;
    this.observer = observer;
  }

  /** Returns whether a tick has reserved the parent's work; only that tick may run it. */
  static boolean isReservedBy(JobRecord before, JobDecision decision) {
    return before.getParentRecord().hasWork()
        && decision instanceof JobDecision.Put put
        && put.record().getParentRecord().hasWork()
        && !put.record()
            .getParentRecord()
            .getWork()
            .getDueTime()
            .equals(before.getParentRecord().getWork().getDueTime());
  }

  /** Runs slices until no work is left. Returns at once; a later tick retries a failed slice. */
  void run(JobKey parent) {
    if (closed) {
      return;
    }
    store
        .get(List.of(parent))
        .thenCompose(
            found ->
                found.jobs().isEmpty() || !found.jobs().get(0).getParentRecord().hasWork()
                    ? CompletableFuture.completedFuture(false)
                    : slice(parent, found.jobs().get(0).getParentRecord().getWork()))
        .whenComplete(
            (done, failure) -> {
              if (failure != null && !closed) {
                observer.failed();
                if (!StoreException.isReported(failure)) {
                  LOG.warn(
                      "Work on the child jobs of {} failed and will be retried.",
                      parent.jobId(),
                      failure);
                }
              } else if (failure == null && done) {
                run(parent);
              }
            });
  }

  /** Starts no more slices; the store finishes one that is in progress. */
  void close() {
    closed = true;
  }

  /** Returns whether there was anything to do. */
  private CompletionStage<Boolean> slice(JobKey parent, ChildWork work) {
    CompletionStage<Boolean> done =
        work.getKind() == ChildWorkKind.CHILD_WORK_KIND_PASS_ITEMS
            ? passItems(parent, work)
            : children(parent, work);
    return done.thenApply(
        isDone -> {
          if (isDone) {
            observer.sliced(work.getKind());
          }
          return isDone;
        });
  }

  private CompletionStage<Boolean> children(JobKey parent, ChildWork work) {
    JobFilter filter =
        JobFilter.newBuilder().setTenantId(parent.tenantId()).setParentId(parent.jobId()).build();
    int limit =
        work.getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE ? SLICE_DELETIONS : SLICE_JOBS;
    return store
        .list(new JobQuery(filter, false, position(work), limit))
        .thenCompose(
            page ->
                store.update(
                    new Selection.Named(keys(parent, page), Set.of(), Optional.empty(), false),
                    found ->
                        decision(
                            found,
                            parent,
                            record -> change(parent, record, work, found, page.next()))));
  }

  private List<JobDecision> change(
      JobKey parent, JobRecord record, ChildWork work, Found found, Optional<String> next) {
    List<JobRecord> children =
        found.jobs().stream().filter(job -> !JobKey.of(job).equals(parent)).toList();
    List<Job> unreadable = found.unreadable().stream().map(UnreadableJob::known).toList();
    return slices.change(record, work, children, unreadable, next, found.clock());
  }

  private CompletionStage<Boolean> passItems(JobKey parent, ChildWork work) {
    JobKey from = new JobKey(parent.tenantId(), work.getFromJobId());
    JobKey to = new JobKey(parent.tenantId(), work.getToJobId());
    return store
        .items(new ItemQuery(from, Set.of(), "", work.getAfter(), SLICE_ITEMS))
        .thenCompose(
            page ->
                store.update(
                    new Selection.Named(
                        List.of(to, parent),
                        page.items().stream().map(Item::getId).collect(Collectors.toSet()),
                        Optional.empty(),
                        false),
                    found ->
                        decision(found, parent, task -> passItems(task, work, found, to, page))));
  }

  private List<JobDecision> passItems(
      JobRecord task, ChildWork work, Found found, JobKey to, ItemPage page) {
    Optional<JobRecord> next = found.job(to);
    return next.isPresent()
        ? slices.passItems(
            task, work, next.get(), page.items(), found.items(), next(page), found.clock())
        : slices.stopPassing(
            task, work, found.unreadable(to).map(UnreadableJob::known), found.clock());
  }

  private static Decision<Boolean> decision(
      Found found, JobKey parent, Function<JobRecord, List<JobDecision>> decide) {
    List<JobDecision> decisions = found.job(parent).map(decide).orElse(List.of());
    return Decision.of(decisions, !decisions.isEmpty());
  }

  private static List<JobKey> keys(JobKey parent, JobPage page) {
    List<JobKey> keys = new ArrayList<>();
    keys.add(parent);
    page.jobs().forEach(child -> keys.add(JobKey.of(child)));
    page.unreadable().forEach(child -> keys.add(child.key()));
    return keys;
  }

  private static Optional<String> position(ChildWork work) {
    return work.getAfter().isEmpty() ? Optional.empty() : Optional.of(work.getAfter());
  }

  private static Optional<String> next(ItemPage page) {
    return page.more()
        ? Optional.of(page.items().get(page.items().size() - 1).getId())
        : Optional.empty();
  }
}
