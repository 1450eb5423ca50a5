package dev.milepost.client;

import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogLevel;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Which entries of a job's journal to read, and in which order: an immutable value; each method
 * returns a changed copy. An entry has to match everything that was asked for.
 *
 * <p>If older entries of a kind that was asked for are no longer kept, a marker ({@code
 * hasDropped()}) stands beside the oldest one that is.
 */
public final class JournalOptions {
  private static final JournalOptions DEFAULTS =
      new JournalOptions(ListJournalRequest.getDefaultInstance());

  private final ListJournalRequest request;

  private JournalOptions(ListJournalRequest request) {
    this.request = request;
  }

  /** Returns the defaults: all entries, oldest first. */
  public static JournalOptions defaults() {
    return DEFAULTS;
  }

  /** Reads only log lines of this level and above; state and stage changes are not affected. */
  public JournalOptions minLevel(LogLevel level) {
    return with(request -> request.setMinLevel(level));
  }

  /** Reads only log lines of these levels; state and stage changes are not affected. */
  public JournalOptions levels(LogLevel... levels) {
    return with(request -> request.clearLevels().addAllLevels(Arrays.asList(levels)));
  }

  /** Leaves out state and stage changes. */
  public JournalOptions logsOnly() {
    return with(request -> request.setLogsOnly(true));
  }

  /** Leaves out log lines: only state and stage changes. Not with {@link #logsOnly}. */
  public JournalOptions changesOnly() {
    return with(request -> request.setOmitLogs(true));
  }

  /** Reads only entries with a greater number than this. */
  public JournalOptions afterSequence(long sequence) {
    return with(request -> request.setAfterSequence(sequence));
  }

  /** Reads only entries with a smaller number than this. */
  public JournalOptions beforeSequence(long sequence) {
    return with(request -> request.setBeforeSequence(sequence));
  }

  /** Reads only entries of this attempt, numbered from 1. */
  public JournalOptions attempt(int attempt) {
    return with(request -> request.setAttempt(attempt));
  }

  /** Reads only entries whose text contains this, ignoring case; at most 256 characters. */
  public JournalOptions search(String text) {
    return with(request -> request.setSearch(text));
  }

  /** Reads only entries that the server received at this time or later. */
  public JournalOptions since(Instant time) {
    return with(request -> request.setMinTime(Times.timestamp(time)));
  }

  /** Reads only entries that the server received before this time. */
  public JournalOptions until(Instant time) {
    return with(request -> request.setMaxTime(Times.timestamp(time)));
  }

  /** Starts with the newest entry. */
  public JournalOptions newestFirst() {
    return with(request -> request.setNewestFirst(true));
  }

  /** Fetches this many entries at a time, 1 to 1,000. Default: 100. */
  public JournalOptions pageSize(int entries) {
    return with(request -> request.setPageSize(entries));
  }

  /** Returns the request for one page. */
  ListJournalRequest request(String jobId, String pageToken) {
    return request.toBuilder().setJobId(jobId).setPageToken(pageToken).build();
  }

  private JournalOptions with(Consumer<ListJournalRequest.Builder> change) {
    ListJournalRequest.Builder changed = request.toBuilder();
    change.accept(changed);
    return new JournalOptions(changed.build());
  }
}
