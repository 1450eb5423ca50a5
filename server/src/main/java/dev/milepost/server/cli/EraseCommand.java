package dev.milepost.server.cli;

import dev.milepost.server.remote.RemoteException;
import dev.milepost.server.remote.ServerConnection;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Erases a user on a running server. */
@Command(
    name = "erase",
    description = {
      "Erases a user on a running server: deletes the user's jobs with their journals and items,"
          + " and what else the store keeps of the user. Revoke the user's credentials first. The"
          + " audit log of the server records what was removed.",
      "Exit code: 0 erased, 1 failed or not complete (run it again), 2 invalid usage."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class EraseCommand implements Callable<Integer> {
  private static final long CALL_SECONDS = 60;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** How long running jobs may take to confirm their cancel. */
  private static final int MAX_CALLS = 600;

  @Option(
      names = "--server",
      required = true,
      paramLabel = "HOST:PORT",
      description =
          "The running server. Without TLS on this machine, with TLS elsewhere or if --ca is given")
  private String server = "";

  @Option(
      names = "--user",
      required = true,
      paramLabel = "TENANT/USER",
      description = "The user to erase, such as acme/ann")
  private String user = "";

  @Option(
      names = "--cancel-running",
      description = "Cancel the user's running jobs first (default: refuse while there are any)")
  private boolean cancelRunning;

  @Option(names = "--preview", description = "Only say what is there to remove")
  private boolean preview;

  @Option(names = "--yes", description = "Do not ask for a confirmation")
  private boolean yes;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token of an ADMIN (default: development credentials)")
  private @Nullable Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Trusted certificate authorities, PEM (default: those of the JDK)")
  private @Nullable Path ca;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    int slash = user.indexOf('/');
    if (slash <= 0 || slash == user.length() - 1) {
      throw new ParameterException(
          spec().commandLine(), "The option --user must be TENANT/USER, such as acme/ann.");
    }
    EraseUserRequest request =
        EraseUserRequest.newBuilder()
            .setTenantId(user.substring(0, slash))
            .setUserId(user.substring(slash + 1))
            .setCancelRunning(cancelRunning)
            .build();
    try (ServerConnection connection =
        ServerConnection.open(
            server, "erase", Optional.ofNullable(tokenFile), Optional.ofNullable(ca))) {
      return erase(connection, request);
    } catch (RemoteException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("The command was not started by picocli.");
    }
    return spec;
  }

  private int erase(ServerConnection connection, EraseUserRequest request) {
    EraseUserResponse found = send(connection, request.toBuilder().setValidateOnly(true).build());
    System.out.printf(
        Locale.ROOT,
        "User %s has %,d jobs (%,d running), %,d bytes.%n",
        user,
        found.getRemainingJobs(),
        found.getRunningJobs(),
        found.getRemainingBytes());
    if (preview) {
      return 0;
    }
    if (!yes && !isConfirmed()) {
      System.err.println("Nothing was removed. Type the user as it is asked for, or use --yes.");
      return 1;
    }
    EraseUserResponse answer = send(connection, request);
    long total = answer.getErasedJobs() + answer.getRemainingJobs();
    long requests = answer.getErasedRequests();
    EraseUserRequest again = request.toBuilder().setErasureId(answer.getErasureId()).build();
    for (int calls = 1; !answer.getComplete() && calls < MAX_CALLS; calls++) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
      answer = send(connection, again);
      requests += answer.getErasedRequests();
    }
    if (!answer.getComplete()) {
      System.err.printf(
          Locale.ROOT,
          "Erasure %s is not complete: %,d jobs remain, %,d of them running. Run the command"
              + " again.%n",
          answer.getErasureId(),
          answer.getRemainingJobs(),
          answer.getRunningJobs());
      return 1;
    }
    System.out.printf(
        Locale.ROOT,
        "Erased: %,d jobs, %,d records of requests. Erasure %s is in the audit log of the"
            + " server.%n",
        total,
        requests,
        answer.getErasureId());
    return 0;
  }

  private static EraseUserResponse send(ServerConnection connection, EraseUserRequest request) {
    try {
      return AdminServiceGrpc.newBlockingStub(connection.channel())
          .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
          .eraseUser(request);
    } catch (StatusRuntimeException e) {
      throw new RemoteException(
          connection.explain(e.getStatus(), "Run the same command again to continue."));
    }
  }

  /** Asks on standard output; if standard input has no line, nothing is confirmed. */
  private boolean isConfirmed() {
    System.out.printf("This cannot be undone. Type %s to erase: ", user);
    System.out.flush();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      return user.equals(input.readLine());
    } catch (IOException e) {
      return false;
    }
  }
}
