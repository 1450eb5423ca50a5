package dev.milepost.client;

import dev.milepost.v1.Job;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

final class JobWait {
  JobWait(ClientCore core, String jobId, Duration timeout) {}

  CompletableFuture<Job> start() {
    throw new UnsupportedOperationException();
  }
}
