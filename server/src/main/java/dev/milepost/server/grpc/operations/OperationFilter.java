package dev.milepost.server.grpc.operations;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Texts;
import dev.milepost.server.job.Transitions;
import dev.milepost.v1.JobState;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The supported subset of AIP-160 filters: comparisons of {@code done} and {@code metadata.state},
 * joined by AND. Both depend on the state, so a filter is a set of states.
 */
final class OperationFilter {
  /** Longer filters would only repeat themselves. */
  private static final int MAX_CHARS = 1_024;

  private static final Pattern COMPARISON =
      Pattern.compile("(done|metadata\\.state)\\s*(=|!=)\\s*(\"?)([A-Za-z_]+)\\3");

  private static final Pattern AND = Pattern.compile("\\s+AND\\s+");

  private static final String RULE =
      "must be empty or comparisons joined by AND: done = true|false, metadata.state = STATE,"
          + " each with = or !=; ListJobs filters by more";

  private OperationFilter() {}

  /** Returns all states of a job. */
  static Set<JobState> allStates() {
    EnumSet<JobState> all = EnumSet.allOf(JobState.class);
    all.remove(JobState.JOB_STATE_UNSPECIFIED);
    all.remove(JobState.UNRECOGNIZED);
    return all;
  }

  /**
   * Returns the states that match a filter: all if it is empty, none if its comparisons contradict
   * each other. Anything unsupported is a violation of {@code filter}.
   */
  static Set<JobState> states(FieldChecks violations, String filter) {
    Set<JobState> states = allStates();
    if (filter.isBlank()) {
      return states;
    }
    if (Texts.isLonger(filter, MAX_CHARS)) {
      violations.atMost("filter", filter, MAX_CHARS);
      return states;
    }
    for (String comparison : AND.split(filter.strip())) {
      Matcher parts = COMPARISON.matcher(comparison);
      Set<JobState> named = parts.matches() ? named(parts.group(1), parts.group(4)) : Set.of();
      if (named.isEmpty()) {
        violations.check(false, "filter", RULE);
        return states;
      }
      if (parts.group(2).equals("=")) {
        states.retainAll(named);
      } else {
        states.removeAll(named);
      }
    }
    return states;
  }

  /** Returns the states in which a field has a value. */
  private static Set<JobState> named(String field, String value) {
    Set<JobState> states = allStates();
    if (field.equals("done")) {
      boolean done = value.equals("true");
      boolean isBoolean = done || value.equals("false");
      states.removeIf(state -> !isBoolean || Transitions.isFinished(state) != done);
    } else {
      states.removeIf(state -> !state.name().equals(value));
    }
    return states;
  }
}
