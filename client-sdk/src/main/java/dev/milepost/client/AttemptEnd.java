package dev.milepost.client;

import com.google.protobuf.Struct;
import dev.milepost.v1.JobError;

/** How an attempt ends. */
sealed interface AttemptEnd {
  /** The work is done. */
  record Complete(Struct result) implements AttemptEnd {}

  /** The work failed. */
  record Fail(JobError error) implements AttemptEnd {}

  /** The work was cancelled and has stopped. */
  record ConfirmCancel() implements AttemptEnd {}

  /** The job goes back to the queue, and the attempt does not count. */
  record Release(String reason) implements AttemptEnd {}
}
