package dev.milepost.server.grpc;

class AttemptNoticesOnMemoryTest extends AttemptNoticesContract {
  @Override
  protected String url() {
    return "memory:";
  }
}
