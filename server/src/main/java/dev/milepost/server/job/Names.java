package dev.milepost.server.job;

import java.util.regex.Pattern;

/** The rule for the names of users and tenants. */
public final class Names {
  /** The rule as text; completes the sentence "must be". */
  public static final String RULE = "1 to 128 printable ASCII characters without spaces";

  private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,128}");
  private static final Pattern OWNER =
      Pattern.compile("([\\x21-\\x7e]{1,128} )?[\\x21-\\x7e]{1,128}");

  private Names() {}

  /** Returns whether a text is a valid name of a user or tenant. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /**
   * Returns whether a job can have a user of this name: that of a user, or {@code tenant user} for
   * an ADMIN who created the job from another tenant.
   */
  static boolean isOwner(String text) {
    return OWNER.matcher(text).matches();
  }
}
