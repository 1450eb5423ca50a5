package dev.milepost.server.job;

import dev.milepost.v1.JobState;
import java.util.Locale;

/** Human-readable names of enum values. */
public final class EnumNames {
  private EnumNames() {}

  /** Returns the name of a state without its prefix: {@code RUNNING}. */
  public static String of(JobState state) {
    return state.name().replaceFirst("^JOB_STATE_", "");
  }

  /** Returns the name of a command in lower case: {@code confirm cancel}. */
  public static String of(CommandKind command) {
    return command.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
