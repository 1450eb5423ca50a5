package dev.milepost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.cli.CommandLineTester.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Help, errors and contexts: what needs no server. */
class CommandLineTest {
  @TempDir Path directory;

  @Test
  void everyCommandHasHelpThatFitsATerminal() {
    CommandLine line = MilepostCommand.commandLine(Environment.ofProcess());

    assertThat(line.getSubcommands())
        .allSatisfy(
            (name, command) -> {
              Result help = run(name, "--help");
              assertThat(help.exit()).isZero();
              assertThat(help.err()).isEmpty();
              assertThat(help.lines()).allSatisfy(text -> assertThat(text.length()).isLessThan(81));
              if (!name.equals("report")) {
                assertThat(help.out()).contains("Connection:").contains("--address");
              }
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frob                      | There is no command frob.",
        "get                       | Missing required parameter: 'JOB'",
        "list --state foo          | There is no state foo.",
        "list --columns foo        | There is no column foo.",
        "list --since 5x           | '5x' is not a duration.",
        "list -o xml               | Invalid value for option '--output'",
        "logs a --tail -1          | --tail is -1, but must be 0 to 100,000.",
        "logs a --level loud       | There is no level loud.",
        "submit t --params {       | The params are not a JSON object",
        "submit t -p n=9007199254740993 | The number 9007199254740993 cannot be kept exactly.",
        "list --token-file none    | Cannot read the token file none",
        "list --context x          | has no context x",
      })
  void saysWhatIsWrongWithACommandLine(String command, String error) {
    Result result = run(command.split(" "));

    assertThat(result.exit()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(error);
  }

  @Test
  void saysWhereNoServerIs() {
    Result result = run("list", "--address", "localhost:1", "--call-timeout", "100ms");

    assertThat(result.exit()).isEqualTo(ExitCodes.UNREACHABLE);
    assertThat(result.err())
        .contains("Start one with: milepost dev")
        .contains("--address HOST:PORT");
  }

  @Test
  void takesTheServerOfTheCurrentContext() throws IOException {
    Path config = directory.resolve("config.yaml");
    Files.writeString(
        config,
        """
        current: here
        contexts:
          here:
            address: localhost:1
          there:
            address: localhost:2
            adress: localhost:3
        """);

    Result wrong = run(Map.of("MILEPOST_CONFIG", config.toString()), "list");

    assertThat(wrong.exit()).isEqualTo(ExitCodes.USAGE);
    assertThat(wrong.err())
        .isEqualTo(
            config
                + ": there has the unknown key adress. Known: address, ca, certificate, key, role,"
                + " tenant, tls, token-file, user.\n");
  }

  @Test
  void prefersOptionsToTheEnvironmentAndThatToTheContext() throws IOException {
    Path config = directory.resolve("config.yaml");
    Files.writeString(
        config, "current: here\ncontexts: {here: {address: 'localhost:1', tls: maybe}}\n");

    assertThat(run(Map.of("MILEPOST_CONFIG", config.toString()), "list").err())
        .isEqualTo(config + ": here: tls is \"maybe\", but must be true or false.\n");

    Files.writeString(config, "current: here\ncontexts: {here: {token-file: missing.token}}\n");
    assertThat(run(Map.of("MILEPOST_CONFIG", config.toString()), "list").err())
        .contains(directory.resolve("missing.token").toString());
    assertThat(
            run(
                    Map.of(
                        "MILEPOST_CONFIG", config.toString(), "MILEPOST_TOKEN_FILE", "env.token"),
                    "list")
                .err())
        .contains("token file env.token");
    assertThat(
            run(
                    Map.of(
                        "MILEPOST_CONFIG", config.toString(), "MILEPOST_TOKEN_FILE", "env.token"),
                    "list",
                    "--token-file",
                    "option.token")
                .err())
        .contains("token file option.token");
  }

  private static Result run(String... arguments) {
    return run(Map.of(), arguments);
  }

  private static Result run(Map<String, String> variables, String... arguments) {
    return CommandLineTester.run(variables, "", arguments);
  }
}
