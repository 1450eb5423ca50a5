package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.JournalFilter;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.LogLevel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Reads journals page by page. A page examines a bounded part of the journal, however little of it
 * matches.
 */
final class JournalReader {
  private static final int ENTRIES_PER_PAGE = 100;
  private static final int MOST_SEARCH_CHARS = 256;

  private final JobStore store;
  private final JobAccess access;
  private final Pages pages;

  JournalReader(JobStore store, JobAccess access, Pages pages) {
    this.store = store;
    this.access = access;
    this.pages = pages;
  }

  CompletionStage<ListJournalResponse> read(Caller caller, ListJournalRequest request) {
    FieldChecks violations = new FieldChecks();
    Pages.validate(violations, request.getPageSize());
    violations.known("min_level", request.getMinLevel() != LogLevel.UNRECOGNIZED);
    violations.line("search", request.getSearch(), MOST_SEARCH_CHARS);
    JobValidation.time(violations, "min_time", request.getMinTime());
    violations.orThrow();
    long after =
        pages.position(caller, request, request.getPageToken()).map(Long::parseLong).orElse(0L);
    int size = Pages.size(request.getPageSize(), ENTRIES_PER_PAGE);
    return access
        .read(caller, request.getJobId())
        .thenCompose(
            job ->
                store.journal(
                    new JournalQuery(
                        JobAccess.key(caller, request.getJobId()), after, Pages.MAX_PAGE_SIZE)))
        .thenApply(page -> answer(caller, request, page, size));
  }

  private ListJournalResponse answer(
      Caller caller, ListJournalRequest request, JournalPage page, int size) {
    JournalFilter filter = JournalFilter.of(request);
    List<JournalEntry> matching = page.entries().stream().filter(filter::matches).toList();
    int taken = Math.min(size, Pages.fitting(matching));
    long reached = taken < matching.size() ? matching.get(taken).getSequence() - 1 : page.through();
    Optional<String> next =
        reached < page.last() ? Optional.of(Long.toString(reached)) : Optional.empty();
    ListJournalResponse.Builder response =
        ListJournalResponse.newBuilder().addAllEntries(matching.subList(0, taken));
    // Those that lie behind are on the next page.
    long unreadable = page.unreadable().stream().filter(run -> run <= reached).count();
    response.setUnreadableRuns(Math.toIntExact(unreadable));
    return response.setNextPageToken(pages.token(caller, request, next)).build();
  }
}
