package dev.milepost.server;

import dev.milepost.server.access.CredentialSetupException;
import dev.milepost.server.access.ReloadedFile;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.task.TaskDefinitions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The file with the task definitions, reloaded on its own thread when it changes. */
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
   * @throws SettingsException if it is missing or malformed; the message names line and field
   */
  static TaskFile open(Settings settings) {
    Optional<Path> path = settings.taskFile();
    if (path.isEmpty()) {
      return new TaskFile(null, null);
    }
    if (!Files.isReadable(path.get())) {
      throw new SettingsException(
          "The task definitions file "
              + path.get().toAbsolutePath()
              + " cannot be read."
              + settings.origins().setBy("milepost.tasks.file"));
    }
    ReloadedFile<TaskDefinitions> file = read(settings, path.get());
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-tasks"));
    long nanos = settings.auth().reload().toNanos();
    var unused = thread.scheduleWithFixedDelay(file::poll, nanos, nanos, TimeUnit.NANOSECONDS);
    return new TaskFile(file, thread);
  }

  private static ReloadedFile<TaskDefinitions> read(Settings settings, Path path) {
    try {
      return new ReloadedFile<>(
          path, "file of task definitions", TaskDefinitions.NONE, TaskDefinitions::parse, false);
    } catch (CredentialSetupException e) {
      throw new SettingsException(e.getMessage() + settings.origins().setBy("milepost.tasks.file"));
    }
  }

  /** Returns the definitions of the last valid version of the file. */
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
