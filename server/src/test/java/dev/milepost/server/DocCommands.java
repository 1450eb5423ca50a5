package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The commands of a page of the docs that are marked as run by a test. */
final class DocCommands {
  private static final Pattern BLOCK =
      Pattern.compile("<!-- run by a test(: [a-z]+)? -->\n((?: {4}.*\n)+)");

  private DocCommands() {}

  /** Returns the blocks of a page, by what they need: running (""), or as the mark says. */
  static Map<String, List<String>> of(String page) throws IOException {
    Map<String, List<String>> blocks = new HashMap<>();
    Matcher block = BLOCK.matcher(Files.readString(Path.of("..", "docs", page)));
    while (block.find()) {
      String needs = block.group(1) == null ? "" : block.group(1).substring(2);
      blocks.computeIfAbsent(needs, key -> new ArrayList<>()).add(block.group(2));
    }
    return blocks;
  }

  /** Writes a launcher like the one of the project, which starts the classes of this build. */
  static void writeLauncher(Path directory) throws IOException {
    String command =
        ServerProcess.command(directory).command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Path launcher =
        Files.writeString(
            directory.resolve("milepost"), "#!/bin/sh\nexec " + command + " \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
  }

  /** Runs commands in a directory, each of which must succeed. Returns what they print. */
  static String run(Path directory, String commands) throws Exception {
    String script = "set -e\n" + commands;
    Process shell =
        new ProcessBuilder("sh", "-c", script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(script + output).isZero();
    return output;
  }
}
