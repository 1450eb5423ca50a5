package dev.milepost.server.job;

import com.google.protobuf.Duration;
import com.google.protobuf.MessageLite;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with a request, so that its sender hears all of it at once; the first
 * twenty of it. Used by one thread.
 */
public final class FieldChecks {
  private static final int MOST = 20;

  private final List<FieldViolation> found = new ArrayList<>();
  private String list = "";
  private int index;

  /** Notes a violation unless the condition holds. */
  public void check(boolean holds, String field, String description) {
    if (!holds) {
      add(field, description);
    }
  }

  /** A text must not be longer than so many characters. */
  public void atMost(String field, String text, int characters) {
    if (text.length() > characters) {
      add(field, "must be at most " + characters + " characters");
    }
  }

  /** A whole number must lie in a range, both ends included. */
  public void range(String field, long value, long least, long most) {
    if (value < least || value > most) {
      add(field, "must be " + least + " to " + most);
    }
  }

  /** A number must lie in a range, both ends included; NaN never does. */
  public void range(String field, double value, double least, double most) {
    boolean inRange = value >= least && value <= most;
    if (!inRange) {
      add(field, "must be " + least + " to " + most);
    }
  }

  /** A duration must be well formed and lie in a range, both ends included. */
  public void duration(String field, Duration value, long leastSeconds, long mostSeconds) {
    boolean wellFormed = value.getNanos() >= 0 && value.getNanos() < 1_000_000_000;
    boolean inRange =
        value.getSeconds() >= leastSeconds
            && (value.getSeconds() < mostSeconds
                || (value.getSeconds() == mostSeconds && value.getNanos() == 0));
    if (!wellFormed || !inRange) {
      add(field, "must be " + leastSeconds + " s to " + mostSeconds + " s");
    }
  }

  /** A message must not be longer than so many bytes. */
  void bytes(String field, MessageLite message, int most) {
    if (message.getSerializedSize() > most) {
      add(field, "must be at most " + most + " bytes when encoded");
    }
  }

  /** An enum must have a value that this server knows. */
  public void known(String field, boolean known) {
    check(known, field, "must be a value that this server knows");
  }

  /**
   * Goes on to one element of a list: fields that are named from now on are its own. Its name is
   * made only where something is wrong with it.
   */
  void enter(String list, int index) {
    this.list = list;
    this.index = index;
  }

  /** Leaves the list again. */
  void leave() {
    list = "";
  }

  private void add(String field, String description) {
    if (!isFull()) {
      String path = list.isEmpty() ? field : list + "[" + index + "]." + field;
      found.add(new FieldViolation(path, description));
    }
  }

  /** Whether so much is wrong that looking on is idle. */
  public boolean isFull() {
    return found.size() >= MOST;
  }

  /**
   * Ends the check.
   *
   * @throws Refusal.InvalidArgument where anything is wrong
   */
  public void orThrow() {
    if (!found.isEmpty()) {
      throw new Refusal.InvalidArgument(found);
    }
  }
}
