package dev.milepost.examples.hashtree;

import dev.milepost.client.JobLogger;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Logs a warning for each unreadable file, but no more lines than a server keeps. */
final class UnreadableLog {
  private static final int MAX_LINES = 1_000;

  private final JobLogger logger;
  private int lines;

  UnreadableLog(JobLogger logger) {
    this.logger = logger;
  }

  void add(String name, IOException why) {
    lines++;
    if (lines < MAX_LINES) {
      logger.warning("Cannot read " + name + ": " + reason(why));
    } else if (lines == MAX_LINES) {
      logger.warning("More files cannot be read; from now on they are only counted");
    }
  }

  private static String reason(IOException why) {
    if (why instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (why instanceof NoSuchFileException) {
      return "the file is gone";
    }
    String message = why.getMessage();
    return message == null ? why.getClass().getSimpleName() : message;
  }
}
