package dev.milepost.client;

final class ClientCore {
  private final JobClient client;

  ClientCore(JobClientBuilder builder) {
    this.client = new JobClient(this);
  }

  JobClient client() {
    return client;
  }

  Calls calls() {
    throw new UnsupportedOperationException();
  }

  LocalRunner runner() {
    throw new UnsupportedOperationException();
  }

  void close() {}
}
