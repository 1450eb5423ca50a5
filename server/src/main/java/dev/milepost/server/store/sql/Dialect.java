package dev.milepost.server.store.sql;

/** What tells the engines apart where they are asked the same. */
public enum Dialect {
  /** Within this process: a statement costs nothing to send, and may be told which index to use. */
  SQLITE,
  /**
   * A server that several write to: what is sent together saves the way, what is decided on is
   * locked.
   */
  POSTGRES;

  /** Words after a table's name that choose its index. */
  String index(String name) {
    return this == SQLITE ? "INDEXED BY " + name : "";
  }

  /** Words after a table's name that let rows be read in the order of their numbers. */
  String noIndex() {
    return this == SQLITE ? "NOT INDEXED" : "";
  }

  /** Words at the end of a question for jobs that are about to be changed. */
  String lock() {
    return this == SQLITE ? "" : " FOR UPDATE OF job";
  }

  /** Whether it is worth asking for rows together of which not all may be needed. */
  boolean gathersReads() {
    return this == POSTGRES;
  }

  /** Whether writes are gathered and sent together. */
  boolean gathersWrites() {
    return this == POSTGRES;
  }
}
