package dev.milepost.server.cli;

import dev.milepost.server.job.CallerException;
import dev.milepost.server.remote.RemoteException;
import dev.milepost.server.remote.ServerConnection;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.open.StoreFiles;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.BackupPhase;
import dev.milepost.v1.BackupProgress;
import dev.milepost.v1.BackupStoreRequest;
import dev.milepost.v1.BackupStoreResponse;
import dev.milepost.v1.StoreBackup;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a backup of the SQLite store of a running server, or of one that no server has open. */
@Command(
    name = "backup",
    description = {
      "Copies a SQLite store into one file and verifies it, while its server works on (--server) or"
          + " while none has it open (--store).",
      "Exit code: 0 made and verified, 1 failed (no file remains), 2 invalid usage, 3 made, but the"
          + " store has damaged values, which are in the backup as they are."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BackupCommand implements Callable<Integer> {
  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description =
          "A running server, which makes the backup in its backup directory"
              + " (milepost.backup.directory). Without TLS on this machine, with TLS elsewhere or"
              + " if --ca is given; grpc://HOST:PORT and grpcs://HOST:PORT say which")
  private @Nullable String server;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description = "A store that no server has open, such as sqlite:data/milepost.db")
  private @Nullable String store;

  @Option(names = "--to", paramLabel = "FILE", description = "With --store: the file to make")
  private @Nullable Path to;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description =
          "With --server: name of the file, without a path (default: one with the current time)")
  private @Nullable String name;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "With --server: file with the token of an ADMIN (default: development credentials)")
  private @Nullable Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "With --server: trusted certificate authorities, PEM (default: those of the JDK)")
  private @Nullable Path ca;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    try (BackupBar bar = new BackupBar()) {
      BackupFile made = backup(bar);
      bar.close();
      System.out.printf(
          Locale.ROOT,
          "Backed up and verified: %,d jobs, %,d bytes, schema %d.%n%s%nSHA-256 %s%n",
          made.jobs(),
          made.bytes(),
          made.schema(),
          made.path(),
          made.sha256());
      return BackupBar.exitCode(made);
    } catch (RemoteException | StoreException | CallerException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private BackupFile backup(BackupBar bar) {
    if (server != null && store == null && to == null) {
      return ofServer(server, bar);
    }
    if (store != null && to != null && server == null && name == null) {
      return StoreFiles.backup(store, to, bar);
    }
    throw new ParameterException(
        spec().commandLine(), "Use either --server HOST:PORT [NAME], or --store URL --to FILE.");
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("The command was not started by picocli.");
    }
    return spec;
  }

  private BackupFile ofServer(String address, BackupBar bar) {
    try (ServerConnection connection =
        ServerConnection.open(
            address, "backup", Optional.ofNullable(tokenFile), Optional.ofNullable(ca))) {
      return ofServer(connection, bar);
    }
  }

  private BackupFile ofServer(ServerConnection connection, BackupBar bar) {
    BackupStoreRequest request =
        BackupStoreRequest.newBuilder().setName(name == null ? "" : name).build();
    try {
      Iterator<BackupStoreResponse> events =
          AdminServiceGrpc.newBlockingStub(connection.channel()).backupStore(request);
      while (events.hasNext()) {
        BackupStoreResponse event = events.next();
        if (event.hasBackup()) {
          return file(event.getBackup());
        }
        show(event.getProgress(), bar);
      }
    } catch (StatusRuntimeException e) {
      throw new RemoteException(
          connection.explain(e.getStatus(), "No backup was made: run the command again."));
    }
    throw new RemoteException(
        connection.name() + " ended the call without a backup. Run the command again.");
  }

  private static void show(BackupProgress progress, BackupBar bar) {
    Phase phase =
        progress.getPhase() == BackupPhase.BACKUP_PHASE_VERIFYING ? Phase.VERIFYING : Phase.COPYING;
    bar.at(phase, progress.getDoneBytes(), progress.getTotalBytes());
  }

  private static BackupFile file(StoreBackup made) {
    return new BackupFile(
        made.getPath(),
        made.getSizeBytes(),
        made.getSha256(),
        made.getJobCount(),
        made.getSchemaVersion(),
        made.getDamagedValueCount());
  }
}
