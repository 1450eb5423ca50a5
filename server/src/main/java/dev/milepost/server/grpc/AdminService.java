package dev.milepost.server.grpc;

import dev.milepost.server.app.BulkCall;
import dev.milepost.server.app.ServerReports;
import dev.milepost.server.app.StoreBackups;
import dev.milepost.server.app.UserErasure;
import dev.milepost.server.app.WorkerLists;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.BackupPhase;
import dev.milepost.v1.BackupProgress;
import dev.milepost.v1.BackupStoreRequest;
import dev.milepost.v1.BackupStoreResponse;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.GetServerInfoRequest;
import dev.milepost.v1.GetServerInfoResponse;
import dev.milepost.v1.GetStatsRequest;
import dev.milepost.v1.GetStatsResponse;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.ListWorkersResponse;
import dev.milepost.v1.StoreBackup;
import dev.milepost.v1.WatchStatsRequest;
import dev.milepost.v1.WatchStatsResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.Serial;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The RPCs of administrators. */
@Singleton
public final class AdminService extends AdminServiceGrpc.AdminServiceImplBase {
  private final JobStore store;
  private final StoreBackups backups;
  private final OpenStreams streams;
  private final UserErasure erasure;
  private final WorkerLists workers;
  private final ServerReports reports;
  private final OpenCalls calls;
  private final Watches watches;

  @Inject
  AdminService(
      JobStore store,
      StoreBackups backups,
      OpenStreams streams,
      UserErasure erasure,
      WorkerLists workers,
      ServerReports reports,
      OpenCalls calls,
      Watches watches) {
    this.store = store;
    this.backups = backups;
    this.streams = streams;
    this.erasure = erasure;
    this.workers = workers;
    this.reports = reports;
    this.calls = calls;
    this.watches = watches;
  }

  @Override
  public void eraseUser(EraseUserRequest request, StreamObserver<EraseUserResponse> out) {
    BulkCall call = CallScope.current().bulk();
    Answers.answer(out, caller -> erasure.erase(caller, request, call));
  }

  @Override
  public void listWorkers(ListWorkersRequest request, StreamObserver<ListWorkersResponse> out) {
    Answers.answer(out, caller -> workers.list(caller, request));
  }

  @Override
  public void getServerInfo(
      GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> out) {
    Answers.answer(out, caller -> CompletableFuture.completedStage(reports.info()));
  }

  @Override
  public void getStats(GetStatsRequest request, StreamObserver<GetStatsResponse> out) {
    Answers.answer(out, caller -> reports.stats(caller, request, calls.count()));
  }

  @Override
  public void watchStats(WatchStatsRequest request, StreamObserver<WatchStatsResponse> out) {
    watches.watchStats(AccessInterceptor.caller(), request, out);
  }

  @Override
  public void exportJobs(ExportJobsRequest request, StreamObserver<ExportJobsResponse> out) {
    ExportStream export =
        new ExportStream(
            store, request.getTenantId(), (ServerCallStreamObserver<ExportJobsResponse>) out);
    try {
      FieldChecks violations = new FieldChecks();
      JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
      violations.orThrow();
      streams.watch(export::end);
      export.begin();
    } catch (RuntimeException | Error e) {
      export.end(e);
    }
  }

  @Override
  public void backupStore(BackupStoreRequest request, StreamObserver<BackupStoreResponse> out) {
    BackupStream backup = new BackupStream((ServerCallStreamObserver<BackupStoreResponse>) out);
    streams.watch(backup::end);
    backup.begin(backups, request.getName());
  }

  /**
   * Streams the progress of a backup, and its end. Progress that the client is too slow to read is
   * left out. A call that ends early ends the backup.
   */
  private static final class BackupStream {
    /** In how many steps the progress of a phase is told. */
    private static final int STEPS = 1_000;

    private final ServerCallStreamObserver<BackupStoreResponse> out;
    private final Context call = Context.current();

    /** Why the backup must end; null while it need not. */
    private volatile @Nullable Throwable reason;

    // Confined to the thread of the backup.
    private @Nullable Phase phase;
    private long step = -1;

    /** The client has left. */
    private static final class Left extends RuntimeException {
      @Serial private static final long serialVersionUID = 1;

      Left() {
        super("The client has left.", null, false, false);
      }
    }

    /** Must be created before the service method returns: handlers cannot be set later. */
    BackupStream(ServerCallStreamObserver<BackupStoreResponse> out) {
      this.out = out;
      out.setOnCancelHandler(() -> end(new Left()));
    }

    /** Begins the backup. */
    void begin(StoreBackups backups, String name) {
      try {
        backups
            .begin(name, this::progress)
            .whenComplete((file, failure) -> call.run(() -> answer(file, failure)));
      } catch (RuntimeException | Error e) {
        out.onError(ErrorMap.toException(e));
      }
    }

    /** Ends the backup soon, unless it has ended. */
    void end(Throwable why) {
      reason = why;
    }

    private void progress(Phase now, long done, long total) {
      Throwable why = reason;
      if (why != null) {
        throw why instanceof RuntimeException known ? known : new IllegalStateException(why);
      }
      long reached = total <= 0 ? 0 : done * STEPS / total;
      if ((now != phase || reached != step) && out.isReady()) {
        phase = now;
        step = reached;
        out.onNext(
            BackupStoreResponse.newBuilder()
                .setProgress(
                    BackupProgress.newBuilder()
                        .setPhase(phaseOf(now))
                        .setDoneBytes(done)
                        .setTotalBytes(total))
                .build());
      }
    }

    private static BackupPhase phaseOf(Phase phase) {
      return switch (phase) {
        case COPYING -> BackupPhase.BACKUP_PHASE_COPYING;
        case VERIFYING -> BackupPhase.BACKUP_PHASE_VERIFYING;
      };
    }

    private void answer(@Nullable BackupFile file, @Nullable Throwable failure) {
      if (file == null) {
        if (!(reason instanceof Left) && failure != null) {
          out.onError(ErrorMap.toException(failure));
        }
        return;
      }
      StoreBackup made =
          StoreBackup.newBuilder()
              .setPath(file.path())
              .setSizeBytes(file.bytes())
              .setSha256(file.sha256())
              .setJobCount(file.jobs())
              .setSchemaVersion(file.schema())
              .setDamagedValueCount(file.damaged())
              .build();
      Answers.send(out, BackupStoreResponse.newBuilder().setBackup(made).build());
    }
  }
}
