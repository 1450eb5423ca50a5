package dev.milepost.cli.output;

import java.util.Locale;

/** How a command shows its result. */
public enum Format {
  /** A table for people. */
  TABLE,
  /** A table with more columns. */
  WIDE,
  /** One JSON document (proto3 JSON): an object for one result, an array for several. */
  JSON,
  /** A JSON object a line, as the results arrive. */
  JSONL,
  /** YAML: a document for each result. */
  YAML,
  /** Only the ids, one a line. */
  NAME;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
