package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.BackupPhase;
import dev.milepost.v1.BackupStoreRequest;
import dev.milepost.v1.BackupStoreResponse;
import dev.milepost.v1.StoreBackup;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that a running server makes on request. */
class BackupStoreTest {
  @TempDir Path directory;

  private static List<BackupStoreResponse> backup(TestClient client, String name) {
    List<BackupStoreResponse> events = new ArrayList<>();
    AdminServiceGrpc.newBlockingStub(client.channel())
        .backupStore(BackupStoreRequest.newBuilder().setName(name).build())
        .forEachRemaining(events::add);
    return events;
  }

  private static List<String> names(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anAdminGetsProgressAndThenTheBackup() throws Exception {
    Path backups = directory.resolve("own/place");
    Map<String, Object> settings =
        Map.of(
            "milepost.store",
            "sqlite:" + directory.resolve("jobs.db"),
            "milepost.backup.directory",
            backups.toString());
    try (TestServer server = TestServer.start(settings, new SettableClock())) {
      TestClient ann = server.client();
      TestClient root = ann.as("root").in("ADMIN");
      ann.create("a");

      List<BackupStoreResponse> events = backup(root, "mine.db");

      assertThat(events)
          .filteredOn(BackupStoreResponse::hasProgress)
          .extracting(event -> event.getProgress().getPhase())
          .contains(BackupPhase.BACKUP_PHASE_COPYING);
      StoreBackup made = events.get(events.size() - 1).getBackup();
      assertThat(made.getPath()).isEqualTo(backups.toRealPath().resolve("mine.db").toString());
      assertThat(made.getJobCount()).isEqualTo(1);
      assertThat(made.getSizeBytes()).isEqualTo(Files.size(backups.resolve("mine.db")));

      Failure again = Failure.of(() -> backup(root, "mine.db"));
      assertThat(again.code()).isEqualTo(Code.ALREADY_EXISTS);
      for (String bad : List.of("../up.db", "a/b", ".hidden", "a.unfinished", "x".repeat(101))) {
        Failure invalid = Failure.of(() -> backup(root, bad));
        assertThat(invalid.code()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(invalid.violations()).singleElement().asString().startsWith("name: must be");
      }
      assertThat(Failure.of(() -> backup(ann.in("OPERATOR"), "b.db")).code())
          .isEqualTo(Code.PERMISSION_DENIED);
      assertThat(backup(root, "")).isNotEmpty();
      await().until(() -> names(backups).size() == 2);
      assertThat(names(backups)).anyMatch(name -> name.matches("backup-[0-9]{8}T[0-9]{6}Z.db"));
    }
  }

  @Test
  void aMemoryStoreHasNoBackup() {
    try (TestServer server = TestServer.start()) {
      Failure failure = Failure.of(() -> backup(server.client().as("root").in("ADMIN"), ""));

      assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
      assertThat(failure.message()).contains("A memory store has no backup", "docs/BACKUP.md");
    }
  }
}
