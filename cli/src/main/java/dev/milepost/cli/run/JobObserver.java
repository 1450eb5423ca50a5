package dev.milepost.cli.run;

import dev.milepost.client.JobContext;
import dev.milepost.client.JobLogger;

/** Reports on a job what its program writes. */
final class JobObserver implements Observer {
  private final JobLogger logger;

  JobObserver(JobContext job) {
    this.logger = job.logger();
  }

  @Override
  public void line(Level level, String text) {
    switch (level) {
      case DEBUG -> logger.debug(text);
      case INFO -> logger.info(text);
      case WARNING -> logger.warning(text);
      case ERROR -> logger.error(text);
    }
  }

  @Override
  public void progress(ProgressNote note) {
    note.stage().ifPresent(logger::setStage);
    if (note.percent().isPresent()) {
      logger.setFraction(note.percent().get() / 100);
    } else if (note.current().isPresent() && note.total().isPresent()) {
      logger.setProgress(note.current().get(), note.total().get(), note.unit().orElse(""));
    } else {
      note.total().ifPresent(logger::setTotal);
      note.current().ifPresent(logger::setProgress);
    }
    note.message().ifPresent(logger::message);
    note.counters().forEach(logger::addOutcome);
  }
}
