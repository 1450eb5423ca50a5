package dev.milepost.cli.doctor;

/**
 * What a check has found.
 *
 * @param verdict how bad it is
 * @param subject what was checked, such as "clock"
 * @param text what is so, in a sentence
 * @param fix what helps; empty if nothing has to be done
 */
record Finding(Verdict verdict, String subject, String text, String fix) {
  /** How bad it is. */
  enum Verdict {
    /** As it should be. */
    OK,
    /** It works, but not as well as it should or not for long. */
    WARNING,
    /** It does not work. */
    FAILURE
  }

  static Finding ok(String subject, String text) {
    return new Finding(Verdict.OK, subject, text, "");
  }

  static Finding warning(String subject, String text, String fix) {
    return new Finding(Verdict.WARNING, subject, text, fix);
  }

  static Finding failure(String subject, String text, String fix) {
    return new Finding(Verdict.FAILURE, subject, text, fix);
  }
}
