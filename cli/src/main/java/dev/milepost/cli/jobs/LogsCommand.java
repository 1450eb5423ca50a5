package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.output.Documents;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobEvent;
import dev.milepost.client.JobWatch;
import dev.milepost.client.JournalOptions;
import dev.milepost.client.WatchOptions;
import dev.milepost.v1.JournalEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the journal of a job, and follows it. */
@Command(
    name = "logs",
    aliases = "log",
    description = "Shows what a job has logged; with -f, goes on until it has finished.")
public final class LogsCommand extends JobCommand {
  /** Lines that --tail holds at once. */
  private static final int MAX_TAIL = 100_000;

  @Parameters(paramLabel = "JOB", description = "Id of the job")
  private String id = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with new lines until the job has finished")
  private boolean follow;

  @Option(names = "--tail", paramLabel = "N", description = "Only the last N lines")
  private @Nullable Integer tail;

  @Option(names = "--since", paramLabel = "DURATION", description = "Only lines since, such as 10m")
  private @Nullable Duration since;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      description = "Only this level and worse: debug, info, milestone, warning, error")
  private @Nullable String level;

  @Option(
      names = "--grep",
      paramLabel = "TEXT",
      description = "Only lines with this text, ignoring case")
  private String grep = "";

  @Option(names = "--attempt", paramLabel = "N", description = "Only lines of this attempt")
  private @Nullable Integer attempt;

  @Option(names = "--logs-only", description = "Without changes of state and stage")
  private boolean logsOnly;

  @Option(names = "--timestamps", description = "Begins each line with its date")
  private boolean timestamps;

  @Option(names = "--json", description = "A JSON object a line")
  private boolean json;

  private LogLine lines = new LogLine(environment().terminal(), environment().zone(), false);

  /** Makes the command. */
  public LogsCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    if (tail != null && (tail < 0 || tail > MAX_TAIL)) {
      throw new UsageException(
          String.format(Locale.ROOT, "--tail is %d, but must be 0 to %,d.", tail, MAX_TAIL));
    }
    options();
  }

  @Override
  int run(JobClient client) {
    lines = new LogLine(terminal(), environment().zone(), timestamps);
    // Read first: what comes after this sequence is followed, what is listed beyond it is known.
    long last = client.get(id).getStatus().getJournalSequence();
    for (JournalEntry entry : listed(client)) {
      print(entry);
      last = Math.max(last, entry.getSequence());
    }
    if (follow) {
      follow(client, last);
    }
    return ExitCodes.OK;
  }

  private Iterable<JournalEntry> listed(JobClient client) {
    if (tail == null) {
      return client.journal(id, options());
    }
    List<JournalEntry> newest = new ArrayList<>();
    Iterator<JournalEntry> entries = client.journal(id, options().newestFirst()).iterator();
    while (newest.size() < tail && entries.hasNext()) {
      newest.add(entries.next());
    }
    Collections.reverse(newest);
    return newest;
  }

  private JournalOptions options() {
    JournalOptions options = JournalOptions.defaults();
    if (level != null) {
      options = options.minLevel(LogLine.level(level));
    }
    if (!grep.isEmpty()) {
      options = options.search(grep);
    }
    if (since != null) {
      options = options.since(Instant.now().minus(since));
    }
    if (attempt != null) {
      options = options.attempt(attempt);
    }
    return logsOnly ? options.logsOnly() : options;
  }

  private void follow(JobClient client, long after) {
    WatchOptions options = WatchOptions.defaults().logOnly().afterSequence(after);
    if (level != null) {
      options = options.minLevel(LogLine.level(level));
    }
    if (logsOnly) {
      options = options.logsOnly();
    }
    try (JobWatch watch = client.watch(id, options)) {
      for (JobEvent event : watch) {
        if (event instanceof JobEvent.Entry entry && matches(entry.entry())) {
          print(entry.entry());
        } else if (event instanceof JobEvent.Skipped skipped) {
          terminal()
              .err()
              .printf(
                  "The lines %d to %d are gone: the journal has dropped them.%n",
                  skipped.firstSequence(), skipped.lastSequence());
        }
      }
    }
  }

  // A watch has neither of these filters.
  private boolean matches(JournalEntry entry) {
    boolean ofAttempt = attempt == null || entry.getAttempt() == attempt;
    boolean hasText =
        grep.isEmpty()
            || (entry.hasLog()
                && entry
                    .getLog()
                    .getMessage()
                    .toLowerCase(Locale.ROOT)
                    .contains(grep.toLowerCase(Locale.ROOT)));
    return ofAttempt && hasText;
  }

  private void print(JournalEntry entry) {
    terminal().out().println(json ? Documents.jsonLine(entry) : lines.of(entry));
  }
}
