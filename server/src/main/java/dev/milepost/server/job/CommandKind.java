package dev.milepost.server.job;

/** The kinds of command that a job knows: the columns of the table in {@link Transitions}. */
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
