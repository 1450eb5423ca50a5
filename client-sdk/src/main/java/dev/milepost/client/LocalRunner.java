package dev.milepost.client;

import dev.milepost.v1.Job;

final class LocalRunner {
  Job run(JobSpec spec, CreateOptions options, JobHandler handler) {
    throw new UnsupportedOperationException();
  }
}
