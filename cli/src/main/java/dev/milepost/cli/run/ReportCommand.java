package dev.milepost.cli.run;

import com.google.gson.JsonObject;
import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reports from within a command that runs as a job. */
@Command(
    name = "report",
    description = {
      "Reports progress from within a command that \"milepost run\" or \"milepost work\" has"
          + " started.",
      "It writes a line to the file $MILEPOST_PROGRESS, as the command itself may do."
    })
public final class ReportCommand implements Callable<Integer> {
  private final Environment environment;

  @Option(
      names = {"-p", "--progress"},
      paramLabel = "PROGRESS",
      description = "Such as 25/100 files, 25 %% or 25")
  private @Nullable String progress;

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "The line shown with the progress")
  private @Nullable String message;

  @Option(names = "--stage", paramLabel = "NAME", description = "The stage that begins")
  private @Nullable String stage;

  @Option(
      names = "--count",
      paramLabel = "NAME=N",
      description = "Adds to a counter of the outcome; may be given several times")
  private Map<String, Long> counters = Map.of();

  /** Makes the command. */
  public ReportCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    @Nullable String file = environment.variables().get("MILEPOST_PROGRESS");
    if (file == null || file.isEmpty()) {
      throw new UsageException(
          "MILEPOST_PROGRESS is not set: this is not within milepost run or milepost work.");
    }
    JsonObject note = note();
    if (note.isEmpty()) {
      throw new UsageException("Say what to report: --progress, --message, --stage or --count.");
    }
    try {
      Files.writeString(
          Path.of(file), note + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
      return ExitCodes.OK;
    } catch (IOException e) {
      throw new UsageException("Cannot write to the file of MILEPOST_PROGRESS, " + file + ".");
    }
  }

  private JsonObject note() {
    JsonObject note = new JsonObject();
    if (progress != null) {
      Optional<ProgressNote> parsed = ProgressNote.parse(progress);
      if (parsed.isEmpty() || progress.strip().startsWith("{")) {
        throw new UsageException(
            "--progress is \"" + progress + "\", but must be like 25/100 files, 25 % or 25.");
      }
      parsed.get().current().ifPresent(value -> note.addProperty("current", value));
      parsed.get().total().ifPresent(value -> note.addProperty("total", value));
      parsed.get().unit().ifPresent(value -> note.addProperty("unit", value));
      parsed.get().percent().ifPresent(value -> note.addProperty("percent", value));
    }
    if (message != null) {
      note.addProperty("message", message);
    }
    if (stage != null) {
      note.addProperty("stage", stage);
    }
    if (!counters.isEmpty()) {
      JsonObject added = new JsonObject();
      counters.forEach(added::addProperty);
      note.add("counters", added);
    }
    return note;
  }
}
