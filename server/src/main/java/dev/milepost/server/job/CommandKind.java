package dev.milepost.server.job;

/** The kinds of commands: the columns of the table in {@link Transitions}. */
public enum CommandKind {
  CLAIM,
  REPORT,
  HEARTBEAT,
  COMPLETE,
  FAIL,
  CONFIRM_CANCEL,
  RELEASE,
  CANCEL,
  RETRY,
  DELETE,
  UPDATE,
  TICK
}
