package dev.milepost.server.access;

import java.util.regex.Pattern;

/** What users and tenants may be called. */
public final class Names {
  /** The rule, for people: the end of "must be". */
  public static final String RULE = "1 to 128 printable ASCII characters without blanks";

  private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private Names() {}

  /** Whether a user or a tenant may be called so. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }
}
