package dev.milepost.server.store;

/** What records of servers are about. */
public enum RecordKind {
  /** Workers that wait for jobs, or have done so. */
  WORKERS("workers"),
  /** Counts of what has become of jobs. */
  STATISTICS("statistics");

  private final String storedName;

  RecordKind(String storedName) {
    this.storedName = storedName;
  }

  /** The name under which stores keep this kind; it never changes. */
  public String storedName() {
    return storedName;
  }
}
