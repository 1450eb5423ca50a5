package dev.milepost.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.ServerProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The default log configuration, as the server uses it. */
class LogConfiguratorTest {
  @TempDir Path directory;

  /** Logs one message at each level. */
  static final class Speaker {
    private Speaker() {}

    public static void main(String[] arguments) {
      for (String name : List.of("dev.milepost.x", "milepost.audit", "io.netty.x", "io.grpc.x")) {
        Logger logger = LoggerFactory.getLogger(name);
        logger.debug("debug");
        logger.info("info");
        logger.warn("warn");
      }
      LoggerFactory.getLogger("io.grpc.netty.NettyServerHandler").warn("a client broke off");
    }
  }

  private List<String> log(List<String> flags, String... environment) throws Exception {
    // Without the configuration of the tests.
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            .filter(entry -> !Files.exists(Path.of(entry, "logback-test.xml")))
            .collect(Collectors.joining(":", copyOfSpeaker() + ":", ""));
    List<String> command = ServerProcess.java(flags.toArray(String[]::new));
    command.addAll(List.of("-cp", classPath, Speaker.class.getName()));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    for (int i = 0; i < environment.length; i += 2) {
      builder.environment().put(environment[i], environment[i + 1]);
    }
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(out).isEmptyFile();
    return Files.readAllLines(err, StandardCharsets.UTF_8);
  }

  /** Located next to the configuration of the tests. */
  private Path copyOfSpeaker() throws Exception {
    String name = Speaker.class.getName().replace('.', '/') + ".class";
    Path copy = directory.resolve("classes").resolve(name);
    Files.createDirectories(copy.getParent());
    try (var from = Speaker.class.getClassLoader().getResourceAsStream(name)) {
      Files.write(copy, from.readAllBytes());
    }
    return directory.resolve("classes");
  }

  @Test
  void logsWarningsToStandardError() throws Exception {
    assertThat(log(List.of()))
        .allMatch(line -> line.matches("20..-..-..T..:..:..\\....Z (INFO |WARN ) [a-z]+: [a-z]+"))
        .extracting(line -> line.substring(25))
        .containsExactly(
            "INFO  x: info",
            "WARN  x: warn",
            "INFO  audit: info",
            "WARN  audit: warn",
            "WARN  x: warn",
            "WARN  x: warn");
  }

  @Test
  void levelsAreSetByTheEnvironment() throws Exception {
    assertThat(log(List.of(), "MILEPOST_LOG_LEVEL", "WARN", "MILEPOST_AUDIT_LEVEL", "DEBUG"))
        .extracting(line -> line.substring(25))
        .containsExactly(
            "WARN  x: warn",
            "DEBUG audit: debug",
            "INFO  audit: info",
            "WARN  audit: warn",
            "WARN  x: warn",
            "WARN  x: warn");
  }

  @Test
  void aCustomLogbackFileReplacesTheDefault() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("own.xml"),
            """
            <configuration>
              <appender name="a" class="ch.qos.logback.core.ConsoleAppender">
                <target>System.err</target>
                <encoder><pattern>own %msg%n</pattern></encoder>
              </appender>
              <root level="ERROR"><appender-ref ref="a"/></root>
              <logger name="milepost.audit" level="WARN"/>
            </configuration>
            """);
    assertThat(log(List.of("-Dlogback.configurationFile=" + file))).containsExactly("own warn");
  }
}
