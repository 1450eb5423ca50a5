package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.copy.remote.SourceOpener;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreUrls;
import dev.milepost.server.store.open.StoreOpener;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No message shows the password in a store's URL, wherever it is and however it is spelled. */
class StorePasswordTest {
  /** Part of the password that remains if its first letter is percent-encoded. */
  private static final String SECRET = "unter2";

  private static final List<String> SCHEMES =
      List.of(
          "postgresql",
          "postgres",
          "jdbc:postgresql",
          "POSTGRESQL",
          "Redis",
          "redis",
          "rediss",
          "redis-sentinel",
          "sqlite",
          "mysql",
          "grpc",
          "grpcs",
          "GRPC",
          "x",
          "",
          "hunter2");
  private static final List<String> PASSWORDS =
      List.of(
          "hunter2",
          "%68unter2",
          "hunter2@x",
          "hunter2/x",
          "hunter2#",
          "hunter2?y",
          "hunter2 z",
          "hunter2%",
          "hunter2'",
          "hunter2:z",
          "hunter2[",
          "{hunter2}",
          "hunter2\n");
  private static final List<String> SHAPES =
      List.of(
          "//ann:PW@h/db",
          "//:PW@h:1/0",
          "//PW@h/0",
          "ann:PW@h/db",
          "//h/db?password=PW",
          "//h/db?PASSWORD=PW",
          "//h/db?p%61ssword=PW",
          "//h/db?PW",
          "//h/db;password=PW",
          "//h/PW",
          "//ann:PW@h1:1,h2:2/db",
          "//:PW@s1,s2/0#master",
          "//h/db?user=a&pass=PW&currentSchema=;",
          "//ann:PW@h:99999999999/db",
          "//ann:PW@[h/db",
          "//ann:PW@/db",
          "//ann:PW@h",
          "PW",
          "//ann:PW@h:port/db",
          "file.db?password=PW");

  @TempDir Path directory;

  private static List<String> urls() {
    Random random = new Random(17);
    return random
        .ints(600, 0, Integer.MAX_VALUE)
        .mapToObj(
            number -> {
              String scheme = SCHEMES.get(number % SCHEMES.size());
              String shape = SHAPES.get(random.nextInt(SHAPES.size()));
              String password = PASSWORDS.get(random.nextInt(PASSWORDS.size()));
              return scheme + ":" + shape.replace("PW", password);
            })
        .filter(url -> !isFile(url))
        .toList();
  }

  /** The path of a file is shown, and its user has chosen it. */
  private static boolean isFile(String url) {
    return url.startsWith("sqlite:") && !url.contains("?");
  }

  private static void clean(String text) {
    assertThat(text).doesNotContain(SECRET);
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @Test
  void noRefusalOfAUrlShowsIt() {
    for (String url : urls()) {
      clean(StoreUrls.redacted(url));
      if (!isWellFormed(url)) {
        assertThatThrownBy(
                () ->
                    StoreOpener.open(url, StoreClock.of(Clock.systemUTC()), 10, CommitObserver.NONE)
                        .close(),
                url)
            .satisfies(failure -> clean(trace(failure)));
        assertThatThrownBy(
                () -> new SourceOpener(10, Optional.empty(), Optional.empty()).open(url).close(),
                url)
            .satisfies(failure -> clean(trace(failure)));
      }
      clean(Settings.with(Map.of("milepost.store", url)).toString());
      var option = new LayeredSettings.Option("--store", "milepost.store", url);
      clean(LayeredSettings.read(List.of(option), null).print());
    }
  }

  /** Whether a store would try to reach its host. */
  private static boolean isWellFormed(String url) {
    try {
      java.net.URI uri = new java.net.URI(url);
      return uri.getHost() != null && url.matches("(postgresql|rediss?|grpcs?):.*");
    } catch (java.net.URISyntaxException e) {
      return false;
    }
  }

  private static synchronized String errors(String... arguments) {
    PrintStream error = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
      assertThat(ServerCommand.execute(arguments)).isNotZero();
    } finally {
      System.setErr(error);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void noUsageErrorShowsAnArgument() {
    for (String url : urls().subList(0, 30)) {
      clean(errors(url));
      clean(errors("--stor=" + url));
      clean(errors("--exit-with", "1", url));
      clean(errors("copy", "--from", url));
      clean(errors("copy", "--from", "x", "--to", "y", url));
      clean(errors("copy", url));
    }
    assertThat(errors("--stor=redis://:hunter2@h")).contains("--stor=...");
    assertThat(errors("--nonsense")).contains("--nonsense");
  }

  @Test
  void noMalformedSettingsFileShowsWhatItSays() throws Exception {
    String url = "postgresql://ann:hunter2@h/db";
    for (String line :
        List.of(
            "milepost.store \"" + url + "\"",
            "milepost.store = \"" + url,
            "milepost.store = \"postgresql://ann:\"hunter2@h",
            "milepost.store = ann:hunter2@h",
            "milepost.store = {hunter2}",
            "milepost { store hunter2 }",
            "milepost.store = hunter2\\q",
            "milepost.store = \"" + url + "\" }",
            "milepost.store = ${hunter2",
            "milepost.store = [\"" + url + "\"]",
            "include hunter2",
            "'" + url + "' = 1")) {
      Path file = Files.writeString(directory.resolve("milepost.conf"), line);
      assertThatThrownBy(() -> LayeredSettings.read(List.of(), file).settings(), line)
          .isInstanceOf(SettingsException.class)
          .satisfies(failure -> clean(trace(failure)));
    }
  }
}
