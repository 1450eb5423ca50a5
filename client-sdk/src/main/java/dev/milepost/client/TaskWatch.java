package dev.milepost.client;

import dev.milepost.v1.Task;

/**
 * Follows a task and its steps: first as it is now, then each change, of which a slow consumer gets
 * only the latest. It ends when the task has finished.
 *
 * <p>It fails with {@link JobNotFoundException} also if the task is deleted while it is watched.
 */
public final class TaskWatch extends Watch<Task> {
  TaskWatch(ClientCore core, String taskId) {
    super(core, new TaskWatchProtocol(taskId));
  }
}
