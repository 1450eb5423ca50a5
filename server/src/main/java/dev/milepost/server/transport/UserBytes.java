package dev.milepost.server.transport;

/** What the calls of one user hold. Exists while the user has calls. */
final class UserBytes {
  private final ByteAccount account;

  /** Of reads in progress. Guarded by {@link Reads}. */
  private long reserved;

  /** Guarded by the user's entry in {@link BytesInFlight}. */
  private int calls;

  UserBytes(long limit) {
    this.account = new ByteAccount(limit);
  }

  ByteAccount account() {
    return account;
  }

  long reserved() {
    return reserved;
  }

  void reserve(long bytes) {
    reserved += bytes;
  }

  void open() {
    calls++;
  }

  /** Returns whether that was the last call. */
  boolean close() {
    return --calls == 0;
  }
}
