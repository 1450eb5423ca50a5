package dev.milepost.server.job;

import com.google.protobuf.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the fields of a request and collects the violations, so that one error lists all of them,
 * at most 20. Not thread-safe.
 */
public final class FieldChecks {
  private static final int MAX_VIOLATIONS = 20;

  private final List<FieldViolation> found = new ArrayList<>();
  private final String parent;
  private String list = "";
  private int index;

  public FieldChecks() {
    this("");
  }

  /**
   * Checks the fields of a part of a request.
   *
   * @param parent path of the part, with a dot at its end
   */
  public FieldChecks(String parent) {
    this.parent = parent;
  }

  /** Adds a violation unless the condition holds. */
  public void check(boolean holds, String field, String description) {
    if (!holds) {
      add(field, description);
    }
  }

  /** Checks the maximum length of a text for people, which may contain any character. */
  public void atMost(String field, String text, int characters) {
    if (Texts.isLonger(text, characters)) {
      add(field, "must be at most " + characters + " characters");
    }
  }

  /**
   * Checks the maximum length of a text in one line, such as a name. It has no control characters:
   * not every store can hold U+0000, and nobody can see the others.
   */
  public void line(String field, String text, int characters) {
    atMost(field, text, characters);
    visible(field, text);
  }

  /** Checks the length of a text in one line that must not be empty. */
  public void name(String field, String text, int characters) {
    if (text.isEmpty() || Texts.isLonger(text, characters)) {
      add(field, "must be 1 to " + characters + " characters");
    }
    visible(field, text);
  }

  private void visible(String field, String text) {
    if (Texts.hasControls(text)) {
      add(field, "must not contain control characters");
    }
  }

  /** Checks the maximum number of elements of a list or map. */
  public void count(String field, int count, int max) {
    if (count > max) {
      add(field, "must be at most " + max);
    }
  }

  /** Checks that a number is in a range, including both ends. */
  public void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      add(field, "must be " + min + " to " + max);
    }
  }

  /** Checks that a number is in a range, including both ends. NaN never is. */
  public void range(String field, double value, double min, double max) {
    boolean inRange = value >= min && value <= max;
    if (!inRange) {
      add(field, "must be " + min + " to " + max);
    }
  }

  /** Checks that a duration is well-formed and in a range, including both ends. */
  public void duration(String field, Duration value, long minSeconds, long maxSeconds) {
    boolean wellFormed = value.getNanos() >= 0 && value.getNanos() < 1_000_000_000;
    boolean inRange =
        value.getSeconds() >= minSeconds
            && (value.getSeconds() < maxSeconds
                || (value.getSeconds() == maxSeconds && value.getNanos() == 0));
    if (!wellFormed || !inRange) {
      add(field, "must be " + minSeconds + " s to " + maxSeconds + " s");
    }
  }

  /** Checks that an enum has a value that this server knows. */
  public void known(String field, boolean known) {
    check(known, field, "must be a value that this server knows");
  }

  /**
   * Enters an element of a list: following fields belong to it. Its path is built only for a
   * violation.
   */
  void enter(String list, int index) {
    this.list = list;
    this.index = index;
  }

  /** Leaves the list. */
  void leave() {
    list = "";
  }

  private void add(String field, String description) {
    if (!isFull()) {
      String path = parent + (list.isEmpty() ? field : list + "[" + index + "]." + field);
      found.add(new FieldViolation(path, description));
    }
  }

  /** Whether the maximum number of violations is reached, so that further checks are useless. */
  public boolean isFull() {
    return found.size() >= MAX_VIOLATIONS;
  }

  /**
   * Ends the checks.
   *
   * @throws Refusal.InvalidArgument if there are violations
   */
  public void orThrow() {
    if (!found.isEmpty()) {
      throw new Refusal.InvalidArgument(found);
    }
  }
}
