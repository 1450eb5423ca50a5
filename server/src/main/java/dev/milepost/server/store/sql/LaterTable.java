package dev.milepost.server.store.sql;

/** A table that earlier versions with checksums do not have. */
public enum LaterTable {
  /** What servers keep beside the jobs. */
  SERVER_RECORD,
  /** The texts in which filters search. */
  SEARCH_TEXT
}
