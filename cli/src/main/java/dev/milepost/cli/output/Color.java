package dev.milepost.cli.output;

/** The few colors that a command uses. A color never says alone what a word beside it says too. */
public enum Color {
  /** As the terminal is. */
  NONE(""),
  /** Less important than what stands beside it. */
  DIM("2"),
  /** Headings and names. */
  BOLD("1"),
  /** Succeeded. */
  GREEN("32"),
  /** Running. */
  BLUE("34"),
  /** Cancelling, stalled, warnings. */
  YELLOW("33"),
  /** Failed, errors. */
  RED("31");

  private final String code;

  Color(String code) {
    this.code = code;
  }

  String code() {
    return code;
  }
}
