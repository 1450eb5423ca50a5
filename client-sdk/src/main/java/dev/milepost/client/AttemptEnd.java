package dev.milepost.client;

import com.google.protobuf.Struct;
import dev.milepost.v1.JobError;

/** How a worker ends its attempt. */
sealed interface AttemptEnd {
  /** The work is done. */
  record Complete(Struct result) implements AttemptEnd {}

  /** The work went wrong. */
  record Fail(JobError error) implements AttemptEnd {}

  /** The work has stopped because it was cancelled. */
  record ConfirmCancel() implements AttemptEnd {}

  /** The work is given back. */
  record Release(String reason) implements AttemptEnd {}
}
