package dev.milepost.cli.run;

/** Is told what a program writes. Thread-safe. */
interface Observer {
  /** A line of output. */
  void line(Level level, String text);

  /** Progress. */
  void progress(ProgressNote note);
}
