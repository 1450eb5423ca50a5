package dev.milepost.cli.run;

import dev.milepost.cli.output.Ansi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs as a job: its lines and its progress go to an observer, and it can be stopped
 * as the job is cancelled.
 */
final class Program {
  private static final long POLL_MILLIS = 200;

  /** For output of children that the program leaves behind with its streams open. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(2);

  private static final int MAX_LAST_LINE = 500;

  private final List<String> command;
  private final Map<String, String> variables;
  private final Optional<String> input;
  private final Optional<Pattern> progress;
  private final Observer observer;
  private final boolean echo;
  private volatile String lastLine = "";
  private volatile String lastError = "";
  private volatile boolean stopped;
  private @Nullable Process process;

  /**
   * A program that does not run yet.
   *
   * @param command its name and arguments
   * @param variables environment variables beside this process's
   * @param input standard input; empty: this process's
   * @param progress what finds progress in its lines, if anything does
   * @param observer told of lines and progress
   * @param echo whether its output is also that of this process
   */
  Program(
      List<String> command,
      Map<String, String> variables,
      Optional<String> input,
      Optional<Pattern> progress,
      Observer observer,
      boolean echo) {
    this.command = command;
    this.variables = variables;
    this.input = input;
    this.progress = progress;
    this.observer = observer;
    this.echo = echo;
  }

  /**
   * Runs it to its end.
   *
   * @return its exit code; 128 plus the signal's number if a signal ended it
   * @throws IOException if it cannot be started
   */
  int run() throws IOException, InterruptedException {
    try (ProgressFile file = ProgressFile.create(observer::progress)) {
      Process started = start(file);
      CompletableFuture<Void> out = read(started.getInputStream(), System.out, Level.INFO);
      CompletableFuture<Void> err = read(started.getErrorStream(), System.err, Level.WARNING);
      input.ifPresent(text -> write(started.getOutputStream(), text));
      while (!started.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        file.poll();
      }
      CompletableFuture.allOf(out, err)
          .completeOnTimeout(null, DRAIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .join();
      file.poll();
      return started.exitValue();
    }
  }

  /** The last line that it wrote, to standard error if any, shortened; empty if it wrote none. */
  String lastLine() {
    return lastError.isEmpty() ? lastLine : lastError;
  }

  /** Whether {@link #stop} was called. */
  boolean wasStopped() {
    return stopped;
  }

  /**
   * Asks it and its children to stop (SIGTERM), and ends what is left after the grace (SIGKILL).
   * Returns at once.
   */
  synchronized void stop(Duration grace) {
    stopped = true;
    if (process == null) {
      return;
    }
    ProcessHandle root = process.toHandle();
    List<ProcessHandle> family = Stream.concat(Stream.of(root), root.descendants()).toList();
    family.forEach(ProcessHandle::destroy);
    CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> family.forEach(ProcessHandle::destroyForcibly));
  }

  private synchronized Process start(ProgressFile file) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(variables);
    builder.environment().put("MILEPOST_PROGRESS", file.path().toString());
    if (input.isEmpty()) {
      builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
    }
    Process started = builder.start();
    process = started;
    if (stopped) {
      started.destroy();
    }
    return started;
  }

  private CompletableFuture<Void> read(InputStream from, OutputStream copy, Level level) {
    OutputLines lines = new OutputLines(line -> line(line, level));
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                lines.read(from, echo ? copy : OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The stream was closed: the program has ended.
              } finally {
                done.complete(null);
              }
            },
            "milepost-output");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private void line(String line, Level level) {
    String shortened = Ansi.plain(line.substring(0, Math.min(line.length(), MAX_LAST_LINE)));
    if (level == Level.WARNING) {
      lastError = shortened;
    } else {
      lastLine = shortened;
    }
    observer.line(Level.of(line, level), line);
    progress.flatMap(pattern -> ProgressNote.find(pattern, line)).ifPresent(observer::progress);
  }

  private static void write(OutputStream to, String text) {
    try (to) {
      to.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The program does not read its input; that is its choice.
    }
  }
}
