package dev.milepost.server.job;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import java.util.Locale;

/**
 * The text in which {@link JobFilter#getText} is searched: the id, display name, type and project
 * of a job, without case. Stores keep it beside the job, so that a search reads no other part of
 * it.
 *
 * <p>It has a line for each of the four. What is searched for is one line, and so is never found
 * across two of them.
 */
public final class SearchText {
  /** The first character that is not in ASCII. */
  private static final char AFTER_ASCII = '\u0080';

  private SearchText() {}

  /** Returns the text of a job. */
  public static String of(Job job) {
    JobSpec spec = job.getSpec();
    return folded(
        String.join("\n", job.getId(), spec.getDisplayName(), spec.getType(), spec.getProjectId()));
  }

  /** Returns the folded form of what a filter searches for; empty if it does not search. */
  public static String wanted(JobFilter filter) {
    return folded(filter.getText());
  }

  /**
   * Returns a text without case: texts that differ only in case become equal, in every language. So
   * {@code STRASSE} is {@code straße}, and the i of every alphabet, dotted or not, is the same.
   *
   * <p>Stores keep folded texts. A change of this method needs an upgrade of all of them.
   */
  static String folded(String text) {
    if (isAscii(text)) {
      return text.toLowerCase(Locale.ROOT);
    }
    // Upper case spells out what has several letters, such as ß. It leaves the capital of ß as it
    // is, and the dotted capital I of Turkish, unless both are made small before.
    return lowered(lowered(text).toUpperCase(Locale.ROOT));
  }

  /** Character by character: {@link String#toLowerCase} makes two of some, and looks around. */
  private static String lowered(String text) {
    StringBuilder lowered = new StringBuilder(text.length());
    text.codePoints().map(Character::toLowerCase).forEach(lowered::appendCodePoint);
    return lowered.toString();
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= AFTER_ASCII) {
        return false;
      }
    }
    return true;
  }
}
