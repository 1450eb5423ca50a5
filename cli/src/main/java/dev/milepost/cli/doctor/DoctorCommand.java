package dev.milepost.cli.doctor;

import dev.milepost.cli.Environment;
import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.connection.Context;
import dev.milepost.cli.connection.ServerOptions;
import dev.milepost.cli.doctor.Finding.Verdict;
import dev.milepost.cli.output.Color;
import dev.milepost.cli.output.SafeText;
import dev.milepost.client.AccessDeniedException;
import dev.milepost.client.CallerInfo;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks everything between this machine and a working server. */
@Command(
    name = "doctor",
    description = {
      "Checks files, network, TLS, credentials, clock, store, changes, watches and limits, and says"
          + " what helps.",
      "It creates five jobs and deletes them; --read-only does without.",
      "Exit code: 0 all well or warnings only, 1 something does not work."
    })
public final class DoctorCommand implements Callable<Integer> {
  private static final int SUBJECT_COLUMNS = 14;

  private final Environment environment;

  @Option(names = "--read-only", description = "Creates no jobs")
  private boolean readOnly;

  @ArgGroup(validate = false, exclusive = false, order = 100, heading = "%nConnection:%n")
  private ServerOptions server = new ServerOptions();

  /** Makes the command. */
  public DoctorCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Context context = server.context(environment);
    boolean works =
        show(FileChecks.run(context))
            && show(NetworkChecks.run(server.address(environment)))
            && showServer();
    environment
        .terminal()
        .out()
        .println(works ? "The server can be used." : "The server cannot be used as it is.");
    return works ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private boolean showServer() {
    try (JobClient client = server.connect(environment)) {
      CallerInfo caller = client.caller();
      boolean works = show(CallerChecks.run(caller));
      if (!caller.may("GetServerInfo")) {
        show(List.of(Finding.ok("server", "Its clock, store and limits are for an OPERATOR.")));
      } else {
        works &=
            show(ServerChecks.run(client, ownVersion()))
                && show(LimitChecks.run(client, caller.userId()));
      }
      return works && (readOnly || show(new JobChecks(client).run()));
    } catch (UsageException e) {
      return show(List.of(Finding.failure("connection", String.valueOf(e.getMessage()), "")));
    } catch (JobException e) {
      return show(List.of(failure(e)));
    }
  }

  private static Finding failure(JobException e) {
    return e instanceof AccessDeniedException
        ? Finding.failure(
            "credentials",
            String.valueOf(e.getMessage()),
            "Say who you are with --token-file FILE; an administrator makes a token with:"
                + " milepost token create")
        : Finding.failure(
            "server",
            String.valueOf(e.getMessage()),
            "If it speaks TLS and you do not, or the other way, say --tls or --no-tls.");
  }

  private boolean show(List<Finding> findings) {
    List<Finding> failures = new ArrayList<>();
    for (Finding finding : findings) {
      String word =
          switch (finding.verdict()) {
            case OK -> environment.terminal().paint(Color.GREEN, "ok     ");
            case WARNING -> environment.terminal().paint(Color.YELLOW, "warning");
            case FAILURE -> environment.terminal().paint(Color.RED, "FAILED ");
          };
      String subject = finding.subject();
      environment
          .terminal()
          .out()
          .println(
              word
                  + "  "
                  + subject
                  + " ".repeat(Math.max(1, SUBJECT_COLUMNS - subject.length()))
                  + SafeText.line(finding.text()));
      if (!finding.fix().isEmpty()) {
        environment
            .terminal()
            .out()
            .println(" ".repeat(SUBJECT_COLUMNS + 9) + "→ " + finding.fix());
      }
      if (finding.verdict() == Verdict.FAILURE) {
        failures.add(finding);
      }
    }
    return failures.isEmpty();
  }

  private static @Nullable String ownVersion() {
    return DoctorCommand.class.getPackage().getImplementationVersion();
  }
}
