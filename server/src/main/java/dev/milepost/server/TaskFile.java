package dev.milepost.server;

import dev.milepost.server.access.CredentialSetupException;
import dev.milepost.server.access.ReloadedFile;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.task.TaskDefinitions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The file of task definitions, read again when it changes, on a thread of its own. */
final class TaskFile implements AutoCloseable {
  private final @Nullable ReloadedFile<TaskDefinitions> file;
  private final @Nullable ScheduledThreadPoolExecutor thread;

  private TaskFile(
      @Nullable ReloadedFile<TaskDefinitions> file, @Nullable ScheduledThreadPoolExecutor thread) {
    this.file = file;
    this.thread = thread;
  }

  /**
   * Reads the file.
   *
   * @param path empty: there are no definitions
   * @param interval it is looked at for changes so often
   * @throws SettingsException where it is missing or damaged: the message names line and field
   */
  static TaskFile open(Optional<Path> path, Duration interval) {
    if (path.isEmpty()) {
      return new TaskFile(null, null);
    }
    if (!Files.isReadable(path.get())) {
      throw new SettingsException(
          "The file of task definitions " + path.get() + " cannot be read.");
    }
    ReloadedFile<TaskDefinitions> file = read(path.get());
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-tasks"));
    long nanos = interval.toNanos();
    var unused = thread.scheduleWithFixedDelay(file::poll, nanos, nanos, TimeUnit.NANOSECONDS);
    return new TaskFile(file, thread);
  }

  private static ReloadedFile<TaskDefinitions> read(Path path) {
    try {
      return new ReloadedFile<>(
          path, "file of task definitions", TaskDefinitions.NONE, TaskDefinitions::parse, false);
    } catch (CredentialSetupException e) {
      throw new SettingsException(String.valueOf(e.getMessage()));
    }
  }

  /** What the file said when it was read last and was good. */
  TaskDefinitions definitions() {
    return file == null ? TaskDefinitions.NONE : file.value();
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
