package dev.milepost.server.job;

import dev.milepost.v1.JobState;
import java.util.Locale;

/** Names for people of what the contract names in capitals. */
public final class EnumNames {
  private EnumNames() {}

  /** A state without its prefix: {@code RUNNING}. */
  public static String of(JobState state) {
    return state.name().replaceFirst("^JOB_STATE_", "");
  }

  /** A command in lower case: {@code confirm cancel}. */
  public static String of(CommandKind command) {
    return command.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
