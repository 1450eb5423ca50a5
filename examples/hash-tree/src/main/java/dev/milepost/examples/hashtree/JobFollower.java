package dev.milepost.examples.hashtree;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobEvent;
import dev.milepost.client.JobWatch;
import dev.milepost.client.ServerUnavailableException;
import dev.milepost.client.WatchOptions;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.StateChange;

/** Shows what the server reports about a job, through every outage, until it has finished. */
final class JobFollower {
  private final JobClient client;
  private final ProgressView view;

  JobFollower(JobClient client, ProgressView view) {
    this.client = client;
    this.view = view;
  }

  /** Returns when the job has finished and everything about it was shown. */
  void follow(String jobId) {
    long position = 0;
    while (true) {
      try (JobWatch watch = client.watch(jobId, options(position))) {
        try {
          watch.forEach(this::show);
          return;
        } catch (ServerUnavailableException e) {
          position = watch.sequence();
          view.line("! " + Printable.of(String.valueOf(e.getMessage())) + "; retrying");
        }
      }
    }
  }

  /** Leaves out lines below MILESTONE; they are for those who study the job later. */
  private static WatchOptions options(long position) {
    return WatchOptions.defaults().afterSequence(position).minLevel(LogLevel.LOG_LEVEL_MILESTONE);
  }

  private void show(JobEvent event) {
    if (event instanceof JobEvent.Snapshot snapshot) {
      view.status(snapshot.job().getStatus());
    } else if (event instanceof JobEvent.Status status) {
      view.status(status.status());
    } else if (event instanceof JobEvent.Entry entry) {
      show(entry.entry());
    } else if (event instanceof JobEvent.Skipped gap) {
      long lines = gap.lastSequence() - gap.firstSequence() + 1;
      view.line("! " + Sizes.count(lines, "line") + " of the log are no longer kept");
    }
  }

  private void show(JournalEntry entry) {
    switch (entry.getEntryCase()) {
      case LOG -> show(entry.getLog());
      case STAGE_CHANGE -> view.stage(Printable.of(entry.getStageChange().getStage().getName()));
      case STATE_CHANGE -> show(entry.getStateChange(), entry.getAttempt());
      case DROPPED, ENTRY_NOT_SET -> {
        // No marker in a watch, or an entry of a newer server that this program cannot show.
      }
    }
  }

  private void show(LogEntry log) {
    String message = Printable.of(log.getMessage());
    switch (log.getLevel()) {
      case LOG_LEVEL_ERROR, LOG_LEVEL_WARNING -> view.line("! " + message);
      case LOG_LEVEL_MILESTONE -> view.line("* " + message);
      case LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_UNSPECIFIED, UNRECOGNIZED -> {
        // not requested
      }
    }
  }

  /** Shows unusual state changes only; that a job starts and finishes is plain to see. */
  private void show(StateChange change, int attempt) {
    if (change.getToState() == JobState.JOB_STATE_QUEUED
        && change.getFromState() != JobState.JOB_STATE_UNSPECIFIED) {
      view.line("! Attempt " + attempt + " ended (" + why(change) + "); the job will be retried");
    } else if (change.getToState() == JobState.JOB_STATE_RUNNING && attempt > 1) {
      view.line("* Attempt " + attempt + " started");
    } else if (change.getToState() == JobState.JOB_STATE_CANCELLING) {
      view.line("* Cancel requested");
    }
  }

  private static String why(StateChange change) {
    return Printable.of(change.hasError() ? change.getError().getMessage() : change.getReason());
  }
}
