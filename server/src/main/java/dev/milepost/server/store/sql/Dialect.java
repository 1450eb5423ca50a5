package dev.milepost.server.store.sql;

/**
 * How the statements for one SQL engine differ from those for another.
 *
 * @param indexHint format of the words after a table's name that select an index, with one {@code
 *     %s} for the name; empty if the engine chooses by itself
 * @param noIndexHint words after a table's name that make the engine read rows by number; may be
 *     empty
 * @param rowLock words at the end of a query for jobs that are about to be changed; may be empty
 * @param positionFunction the function that returns where a text contains another one, from 1; 0 if
 *     it does not
 * @param isRemote whether each statement is a round trip, so that statements are worth batching
 */
public record Dialect(
    String indexHint,
    String noIndexHint,
    String rowLock,
    String positionFunction,
    boolean isRemote) {
  /** Words after a table's name that select an index; may be empty. */
  String index(String name) {
    return indexHint.formatted(name);
  }
}
