package dev.milepost.benchmarks.figures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The measured figures of peers, if given: the floor of some of our figures. */
public final class PeerFigures {
  private static final Pattern NAME = Pattern.compile("\"name\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern VALUE = Pattern.compile("\"value\"\\s*:\\s*([0-9.eE+-]+)");

  @Option(
      names = "--peers",
      paramLabel = "FILE",
      description = {
        "the output of benchmarks/peers/run on this machine, which is the floor of some figures;",
        "without it, these are not compared with a goal"
      })
  private @Nullable Path file;

  /** Whether figures of peers were given. */
  public boolean given() {
    return file != null;
  }

  /**
   * Returns the greatest of some figures, ignoring peers that were not measured.
   *
   * @throws IllegalArgumentException if the file has none of them
   */
  public double greatest(String... names) throws IOException {
    Map<String, Double> figures = read();
    OptionalDouble greatest =
        Arrays.stream(names)
            .filter(figures::containsKey)
            .mapToDouble(name -> figures.get(name))
            .max();
    return greatest.orElseThrow(
        () ->
            new IllegalArgumentException(
                file + " has no figure named " + String.join(" or ", names)));
  }

  private Map<String, Double> read() throws IOException {
    Map<String, Double> figures = new HashMap<>();
    if (file != null) {
      for (String line : Files.readAllLines(file)) {
        Matcher name = NAME.matcher(line);
        Matcher value = VALUE.matcher(line);
        if (name.find() && value.find()) {
          figures.put(name.group(1), Double.valueOf(value.group(1)));
        }
      }
    }
    return figures;
  }
}
