package dev.milepost.server.store;

/**
 * What a store is and promises.
 *
 * @param name kind of store: {@code sqlite}
 * @param location where it keeps its jobs, for people; without credentials
 * @param durability what an acknowledged change survives
 * @param durabilityNote the same in a sentence for people
 */
public record StoreInfo(
    String name, String location, Durability durability, String durabilityNote) {
  /** What an acknowledged change survives. */
  public enum Durability {
    /** Nothing: it ends with the process. */
    NONE,
    /** As the engine is set. */
    CONFIGURED,
    /** The loss of power. */
    DURABLE
  }
}
