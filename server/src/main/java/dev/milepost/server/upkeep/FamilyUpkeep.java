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
import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
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
 * Does what is to be done to all children of a batch or task: slice by slice, each a commit that
 * says where the next one begins. A server that dies on the way leaves the rest to whoever ticks
 * the parent next. Thread-safe.
 */
final class FamilyUpkeep {
  private static final Logger LOG = LoggerFactory.getLogger(FamilyUpkeep.class);

  private static final int CHILDREN = 100;

  /** Children that are deleted at a time: each may have 2,000 items. */
  private static final int DELETED = 4;

  private static final int ITEMS = 500;

  private final JobStore store;
  private final ChildSlices slices;
  private final TickObserver observer;
  private volatile boolean closed;

  FamilyUpkeep(JobStore store, ChildSlices slices, TickObserver observer) {
    this.store = store;
    this.slices = slices;
    this.observer = observer;
  }

  /** Whether a tick has begun a slice: it alone goes on with it. */
  static boolean isBegunBy(JobRecord before, JobDecision decision) {
    return before.getParentRecord().hasWork()
        && decision instanceof JobDecision.Put put
        && put.record().getParentRecord().hasWork()
        && !put.record()
            .getParentRecord()
            .getWork()
            .getDueTime()
            .equals(before.getParentRecord().getWork().getDueTime());
  }

  /** Goes on until nothing is left to do; returns at once. What fails is tried again by a tick. */
  void goOn(JobKey parent) {
    if (closed) {
      return;
    }
    store
        .get(List.of(parent))
        .thenCompose(
            found ->
                found.isEmpty() || !found.get(0).getParentRecord().hasWork()
                    ? CompletableFuture.completedFuture(false)
                    : slice(parent, found.get(0).getParentRecord().getWork()))
        .whenComplete(
            (done, failure) -> {
              if (failure != null && !closed) {
                observer.failed();
                LOG.warn(
                    "What is to be done to the children of {} is tried again: {}",
                    parent.jobId(),
                    failure.toString());
              } else if (failure == null && done) {
                goOn(parent);
              }
            });
  }

  /** Goes on with nothing more; a slice that is under way is finished by the store. */
  void close() {
    closed = true;
  }

  /** False where there was nothing to do. */
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
    int limit = work.getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE ? DELETED : CHILDREN;
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
                            family ->
                                slices.change(
                                    family,
                                    work,
                                    found.jobs().stream()
                                        .filter(job -> !JobKey.of(job).equals(parent))
                                        .toList(),
                                    page.next(),
                                    found.now()))));
  }

  private CompletionStage<Boolean> passItems(JobKey parent, ChildWork work) {
    JobKey from = new JobKey(parent.tenantId(), work.getFromJobId());
    JobKey to = new JobKey(parent.tenantId(), work.getToJobId());
    return store
        .items(new ItemQuery(from, Set.of(), "", work.getAfter(), ITEMS))
        .thenCompose(
            page ->
                store.update(
                    new Selection.Named(
                        List.of(to, parent),
                        page.items().stream().map(Item::getId).collect(Collectors.toSet()),
                        Optional.empty(),
                        false),
                    found ->
                        decision(
                            found,
                            parent,
                            task ->
                                slices.passItems(
                                    task,
                                    work,
                                    found.job(to).orElseThrow(),
                                    page.items(),
                                    found.items(),
                                    next(page),
                                    found.now()))));
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
