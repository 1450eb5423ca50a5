package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.JournalFilter;
import dev.milepost.server.job.JournalLevels;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads journals page by page. Reads on until a page is full, however little of the journal
 * matches, and examines a bounded part of it for one page.
 */
final class JournalReader {
  private static final int ENTRIES_PER_PAGE = 100;
  private static final int MAX_SEARCH_CHARS = 256;

  /** Reads of the store for one page, each of at most 1,000 entries or 2 MiB. */
  static final int MAX_READS = 16;

  private final JobStore store;
  private final JobAccess access;
  private final Pages pages;

  JournalReader(JobStore store, JobAccess access, Pages pages) {
    this.store = store;
    this.access = access;
    this.pages = pages;
  }

  CompletionStage<ListJournalResponse> read(Caller caller, ListJournalRequest request) {
    validate(request);
    boolean newestFirst = request.getNewestFirst();
    long after = request.getAfterSequence();
    long before = request.getBeforeSequence() == 0 ? Long.MAX_VALUE : request.getBeforeSequence();
    long start =
        pages
            .position(caller, request, request.getPageToken())
            .map(Long::parseLong)
            .orElse(newestFirst ? before : after);
    JournalMatches matches =
        new JournalMatches(
            JournalFilter.of(request),
            newestFirst,
            Pages.size(request.getPageSize(), ENTRIES_PER_PAGE),
            start,
            newestFirst ? after : before);
    return access
        .read(caller, request.getJobId())
        .thenCompose(job -> readOn(JobAccess.key(caller, request.getJobId()), matches, MAX_READS))
        .thenApply(
            full ->
                full.response()
                    .setNextPageToken(pages.token(caller, request, full.next()))
                    .build());
  }

  private static void validate(ListJournalRequest request) {
    FieldChecks checks = new FieldChecks();
    Pages.validate(checks, request.getPageSize());
    JournalLevels.validate(checks, request.getMinLevel(), request.getLevelsList());
    checks.line("search", request.getSearch(), MAX_SEARCH_CHARS);
    checks.check(request.getAttempt() >= 0, "attempt", "must not be negative");
    checks.check(request.getAfterSequence() >= 0, "after_sequence", "must not be negative");
    checks.check(request.getBeforeSequence() >= 0, "before_sequence", "must not be negative");
    checks.check(
        !request.getLogsOnly() || !request.getOmitLogs(),
        "omit_logs",
        "must not be set with logs_only");
    JobValidation.time(checks, "min_time", request.getMinTime());
    JobValidation.time(checks, "max_time", request.getMaxTime());
    checks.orThrow();
    checks.check(
        !request.hasMaxTime()
            || Times.micros(request.getMaxTime()) > Times.micros(request.getMinTime()),
        "max_time",
        "must be after min_time");
    checks.check(
        request.getBeforeSequence() == 0
            || request.getBeforeSequence() > request.getAfterSequence(),
        "before_sequence",
        "must be greater than after_sequence");
    checks.orThrow();
  }

  private CompletionStage<JournalMatches> readOn(JobKey key, JournalMatches matches, int reads) {
    return store
        .journal(
            new JournalQuery(key, matches.reached(), Pages.MAX_PAGE_SIZE, matches.areNewestFirst()))
        .thenCompose(
            page ->
                matches.take(page) && reads > 1
                    ? readOn(key, matches, reads - 1)
                    : CompletableFuture.completedStage(matches));
  }
}
