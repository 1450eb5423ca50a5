package dev.milepost.server.store;

/**
 * Describes a store and its guarantees.
 *
 * @param name kind of store, such as {@code memory}
 * @param location where it keeps its jobs, for log messages; contains no credentials
 * @param durability what an acknowledged change survives
 * @param durabilityNote the same as a sentence for operators
 */
public record StoreInfo(
    String name, String location, Durability durability, String durabilityNote) {
  /** What an acknowledged change survives. */
  public enum Durability {
    /** Nothing: jobs are lost with the process. */
    NONE,
    /** What the engine is configured to survive. */
    CONFIGURED,
    /** A power loss. */
    DURABLE
  }
}
