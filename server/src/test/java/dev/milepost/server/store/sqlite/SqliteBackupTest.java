package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.disk.UnfinishedFile;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.BackupException;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.OnlineBackup;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of an open database, and databases that are made of them. */
class SqliteBackupTest {
  private static final int BUSY = 8;
  private static final int STILL = 200;

  @TempDir private Path directory;
  private Path file;
  private Path backups;
  private StoreHarness harness;

  @BeforeEach
  void open() {
    file = directory.resolve("jobs.db");
    backups = directory.resolve("jobs.db-backups");
    harness = open(file);
  }

  @AfterEach
  void close() {
    harness.store().close();
  }

  private static StoreHarness open(Path file) {
    SettableClock clock = new SettableClock();
    return new StoreHarness(
        SqliteJobStore.open(file, clock, ChildServer.CAP, CommitObserver.NONE), clock);
  }

  private OnlineBackup backup() {
    return harness.store().onlineBackup().orElseThrow();
  }

  private BackupFile write(String name, BackupProgress progress) {
    return backup().write(backups.toString(), name, 0, progress);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** What a store serves of its jobs. */
  private record Contents(Map<String, JobRecord> jobs, Map<String, List<JournalEntry>> journals) {
    static Contents of(StoreHarness harness) {
      Map<String, JobRecord> jobs = new HashMap<>();
      Map<String, List<JournalEntry>> journals = new HashMap<>();
      for (JobRecord job : harness.list(JobFilter.getDefaultInstance(), false, 1_000)) {
        String id = job.getJob().getId();
        jobs.put(id, job);
        journals.put(id, harness.journal(id));
      }
      return new Contents(jobs, journals);
    }
  }

  /** Reports on some jobs one after the other, until it is stopped. */
  private Thread work(AtomicBoolean stop, Map<String, Long> acknowledged) {
    Thread worker =
        new Thread(
            () -> {
              for (long seq = 1; !stop.get(); seq++) {
                List<CompletionStage<JobRecord>> sent = new ArrayList<>();
                for (int i = 0; i < BUSY; i++) {
                  String id = "busy" + i;
                  sent.add(
                      harness.reportLater(
                          id, token(id, 1), report(seq, LogLevel.LOG_LEVEL_INFO, "line " + seq)));
                }
                StoreHarness.awaitAll(sent);
                synchronized (acknowledged) {
                  for (int i = 0; i < BUSY; i++) {
                    acknowledged.put("busy" + i, seq);
                  }
                  acknowledged.notifyAll();
                }
              }
            });
    worker.start();
    return worker;
  }

  @Test
  void aBackupUnderLoadIsRestoredJobByJob() throws Exception {
    for (int i = 0; i < BUSY; i++) {
      harness.running("busy" + i);
    }
    for (int i = 0; i < STILL; i++) {
      harness.create("still" + i, StoreHarness.spec(3_000));
    }
    Contents still = Contents.of(harness);
    AtomicBoolean stop = new AtomicBoolean();
    Map<String, Long> acknowledged = new HashMap<>();
    Thread worker = work(stop, acknowledged);
    Map<String, Long> before;
    synchronized (acknowledged) {
      while (acknowledged.isEmpty()) {
        acknowledged.wait();
      }
      before = Map.copyOf(acknowledged);
    }
    Set<Phase> phases = new HashSet<>();
    Map<String, Long> during = new HashMap<>();

    BackupFile made =
        write(
            "a.db",
            (phase, done, total) -> {
              phases.add(phase);
              assertThat(done).isBetween(0L, total);
              // Writes go on while it is copied, and after the copy is complete.
              awaitProgress(acknowledged, during);
            });

    stop.set(true);
    worker.join();
    Contents last = Contents.of(harness);
    Path backup = backups.resolve("a.db");
    assertThat(phases).containsExactlyInAnyOrder(Phase.values());
    assertThat(made.path()).isEqualTo(backup.toRealPath().toString());
    assertThat(made.jobs()).isEqualTo(BUSY + STILL);
    assertThat(made.bytes()).isEqualTo(Files.size(backup));
    assertThat(made.sha256()).matches("[0-9a-f]{64}");
    assertThat(mode(backup)).isEqualTo("rw-------");
    assertThat(mode(backups)).isEqualTo("rwx------");
    assertThat(names(backups)).containsExactly("a.db");

    Path restored = directory.resolve("new/jobs.db");
    SqliteFiles.restore(backup, restored, false, BackupProgress.NONE);

    assertThat(mode(restored)).isEqualTo("rw-------");
    assertThat(mode(restored.getParent())).isEqualTo("rwx------");
    StoreHarness copy = open(restored);
    Contents contents = Contents.of(copy);
    assertThat(contents.jobs()).hasSize(BUSY + STILL);
    for (int i = 0; i < STILL; i++) {
      String id = "still" + i;
      assertThat(contents.jobs().get(id)).isEqualTo(still.jobs().get(id));
      assertThat(contents.journals().get(id)).isEqualTo(still.journals().get(id));
    }
    for (int i = 0; i < BUSY; i++) {
      String id = "busy" + i;
      long seq = contents.jobs().get(id).getReportSeq();
      assertThat(seq).isBetween(before.get(id), last.jobs().get(id).getReportSeq() - 1);
      // Its creation and its start, then a line of each report, as in the original.
      List<JournalEntry> journal = contents.journals().get(id);
      List<JournalEntry> whole = last.journals().get(id);
      assertThat(journal).isEqualTo(whole.subList(0, journal.size()));
      assertThat(journal).hasSize(whole.size() - (int) (last.jobs().get(id).getReportSeq() - seq));
    }
    // It goes on from there.
    long next = contents.jobs().get("busy0").getReportSeq() + 1;
    await(copy.reportLater("busy0", token("busy0", 1), report(next)));
    copy.store().close();
  }

  private static void awaitProgress(Map<String, Long> acknowledged, Map<String, Long> seen) {
    synchronized (acknowledged) {
      try {
        while (acknowledged.equals(seen)) {
          acknowledged.wait();
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      seen.putAll(acknowledged);
    }
  }

  @Test
  void whatWasDeletedIsNotInABackup() throws Exception {
    harness.create("a");
    harness.running("gone");
    await(
        harness.reportLater(
            "gone", token("gone", 1), report(1, LogLevel.LOG_LEVEL_INFO, "my-private-line")));
    harness.apply(
        "gone",
        new JobCommand.Complete(
            token("gone", 1), Report.getDefaultInstance(), Map.of(), Struct.getDefaultInstance()));
    harness.apply("gone", new JobCommand.Delete(""));

    write("a.db", BackupProgress.NONE);

    assertThat(Files.readString(backups.resolve("a.db"), StandardCharsets.ISO_8859_1))
        .doesNotContain("my-private-line");
  }

  @Test
  void aBackupThatIsStoppedLeavesNoFile() throws Exception {
    harness.create("a");
    for (Phase at : Phase.values()) {
      assertThatThrownBy(
              () ->
                  write(
                      "a.db",
                      (phase, done, total) -> {
                        if (phase == at) {
                          throw new IllegalStateException("stop");
                        }
                      }))
          .hasMessage("stop");
      assertThat(names(backups)).isEmpty();
    }
    write("a.db", BackupProgress.NONE);
  }

  @Test
  void aFileIsNotReplaced() throws Exception {
    write("a.db", BackupProgress.NONE);
    byte[] first = Files.readAllBytes(backups.resolve("a.db"));
    harness.create("a");

    assertThatThrownBy(() -> write("a.db", BackupProgress.NONE))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("a.db already. Use another name.");

    assertThat(Files.readAllBytes(backups.resolve("a.db"))).isEqualTo(first);
  }

  @Test
  void withoutRoomNothingIsWritten() throws Exception {
    assertThatThrownBy(
            () ->
                backup().write(backups.toString(), "a.db", Long.MAX_VALUE / 2, BackupProgress.NONE))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("Free disk space");

    assertThat(names(backups)).isEmpty();
  }

  @Test
  void oneBackupIsMadeAtATimeAndEndsWithItsStore() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<Throwable> failures = new ArrayList<>();
    Thread first =
        new Thread(
            () -> {
              try {
                write(
                    "first.db",
                    (phase, done, total) -> {
                      begun.countDown();
                      Uninterruptibles.run(goOn::await);
                    });
              } catch (StoreException e) {
                failures.add(e);
              }
            });
    first.start();
    begun.await();

    assertThatThrownBy(() -> write("second.db", BackupProgress.NONE))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("Another backup");
    Thread closing = new Thread(this::close);
    closing.start();
    Awaitility.await().until(() -> closing.getState() == Thread.State.WAITING);
    goOn.countDown();
    first.join();
    closing.join();

    assertThat(failures).hasSize(1);
    assertThat(names(backups)).isEmpty();
  }

  @Test
  void aKillLeavesNothingThatLooksLikeABackup() throws Exception {
    harness.create("a");
    harness.store().close();
    Process child = ChildServer.start("backup", file);
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("copied");
    }
    child.destroyForcibly().waitFor();
    assertThat(names(backups)).containsExactly("a.db" + UnfinishedFile.SUFFIX);
    harness = open(file);

    write("b.db", BackupProgress.NONE);

    assertThat(names(backups)).containsExactly("b.db");
  }

  @Test
  void damagedBackupsAreNotRestored() throws Exception {
    for (int i = 0; i < STILL; i++) {
      harness.create("job" + i, StoreHarness.spec(3_000));
    }
    write("a.db", BackupProgress.NONE);
    Path backup = backups.resolve("a.db");
    Path restored = directory.resolve("restored.db");
    try (RandomAccessFile bytes = new RandomAccessFile(backup.toFile(), "rw")) {
      bytes.seek(4_096 * 20);
      bytes.write(new byte[4_096]);
    }

    assertThatThrownBy(() -> SqliteFiles.restore(backup, restored, false, BackupProgress.NONE))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged");

    assertThat(names(directory))
        .doesNotContain("restored.db", "restored.db" + UnfinishedFile.SUFFIX);
  }

  @Test
  void damagedValuesAreCounted() throws Exception {
    harness.create("sound");
    JobKey key = StoreHarness.key(harness.create("damaged").getJob().getId());
    new SqliteDamage(file).jobs(List.of(key), StoreDamage.Damage.GARBAGE);

    assertThat(write("a.db", BackupProgress.NONE).damaged()).isEqualTo(1);
  }

  @Test
  void aWrongCountPreventsNoBackup() throws Exception {
    harness.create("a");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement sql = connection.createStatement()) {
      sql.executeUpdate("UPDATE total SET jobs = jobs + 1");
    }

    BackupFile made = write("a.db", BackupProgress.NONE);

    assertThat(made.damaged()).isEqualTo(1);
    assertThat(made.jobs()).isEqualTo(1);
  }

  @Test
  void anotherFileThanABackupIsRefused() throws Exception {
    Path restored = directory.resolve("restored.db");
    harness.create("a");
    Path text = Files.writeString(directory.resolve("text"), "not a database");

    assertThatThrownBy(() -> SqliteFiles.restore(file, restored, false, BackupProgress.NONE))
        .hasMessageContaining("is no backup but a database with its log");
    assertThatThrownBy(() -> SqliteFiles.restore(text, restored, false, BackupProgress.NONE))
        .hasMessageContaining("is not an SQLite database");
    assertThatThrownBy(
            () ->
                SqliteFiles.restore(
                    directory.resolve("none"), restored, false, BackupProgress.NONE))
        .hasMessageContaining("There is no file");
    assertThat(names(directory)).doesNotContain("restored.db");
  }

  @Test
  void aRestoreSetsTheDatabaseAside() throws Exception {
    harness.create("a");
    write("a.db", BackupProgress.NONE);
    Path backup = backups.resolve("a.db");
    assertThatThrownBy(() -> SqliteFiles.restore(backup, file, true, BackupProgress.NONE))
        .hasMessageContaining("is in use by another server");
    harness.create("b");
    harness.store().close();
    assertThatThrownBy(() -> SqliteFiles.restore(backup, file, false, BackupProgress.NONE))
        .hasMessageContaining("exists. Use another file, or --replace");

    Path aside =
        Path.of(SqliteFiles.restore(backup, file, true, BackupProgress.NONE).aside().orElseThrow());

    harness = open(file);
    assertThat(harness.get("a")).isPresent();
    assertThat(harness.get("b")).isEmpty();
    StoreHarness old = open(aside);
    assertThat(old.get("b")).isPresent();
    old.store().close();
  }

  /** The log of a server that was killed must not be played into another database. */
  @Test
  void theLogOfAKilledServerIsSetAsideToo() throws Exception {
    harness.create("a");
    write("a.db", BackupProgress.NONE);
    harness.store().close();
    Process child = ChildServer.start("create", file);
    assertThat(child.waitFor()).isEqualTo(3);
    assertThat(directory.resolve("jobs.db-wal")).isNotEmptyFile();

    Path aside =
        Path.of(
            SqliteFiles.restore(backups.resolve("a.db"), file, true, BackupProgress.NONE)
                .aside()
                .orElseThrow());

    harness = open(file);
    assertThat(harness.get("made")).isEmpty();
    StoreHarness old = open(aside);
    assertThat(old.get("made")).isPresent();
    old.store().close();
  }

  @Test
  void aStoppedStoreIsBackedUpWithItsLog() throws Exception {
    assertThatThrownBy(
            () -> SqliteFiles.backup(file, directory.resolve("b.db"), BackupProgress.NONE))
        .hasMessageContaining("is in use by another server");
    harness.create("a");
    harness.store().close();
    Process child = ChildServer.start("create", file);
    assertThat(child.waitFor()).isEqualTo(3);

    BackupFile made = SqliteFiles.backup(file, directory.resolve("b.db"), BackupProgress.NONE);

    assertThat(made.jobs()).isEqualTo(2);
    harness = open(directory.resolve("b.db"));
    assertThat(harness.get("made")).isPresent();
  }

  /** The copy before an upgrade has the header of a database in WAL mode. */
  @Test
  void theCopyBeforeAnUpgradeIsRestored() throws Exception {
    harness.create("a");
    harness.store().close();
    Path copy = directory.resolve("copy/jobs.db.before-v4");
    Files.createDirectory(copy.getParent());
    Files.copy(file, copy);
    copy.getParent().toFile().setWritable(false);

    SqliteFiles.restore(copy, directory.resolve("b.db"), false, BackupProgress.NONE);

    assertThat(names(copy.getParent())).containsExactly("jobs.db.before-v4");
    copy.getParent().toFile().setWritable(true);
    harness = open(directory.resolve("b.db"));
    assertThat(harness.get("a")).isPresent();
  }
}
