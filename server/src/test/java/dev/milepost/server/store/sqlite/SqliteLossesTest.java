package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is missing or damaged is found before a store is opened. */
class SqliteLossesTest {
  private static final int FRAME = 4_096 + 24;
  private static final long SEED = 20_261_130;

  @TempDir private Path directory;
  private Path file;
  private Path wal;
  private byte[] log = new byte[0];

  /** A database whose latest jobs are in its log, as after a kill. */
  @BeforeEach
  void leaveALog() throws IOException {
    Path original = directory.resolve("original.db");
    FaultyDisk disk = new FaultyDisk();
    StoreHarness harness = ChildServer.harness(original, disk.options(1_000));
    StoreHarness.numbered("j", 0, 10).forEach(harness::create);
    disk.fail();
    assertThatThrownBy(() -> harness.create("last")).isInstanceOf(StoreException.class);
    harness.store().close();
    file = directory.resolve("jobs.db");
    wal = directory.resolve("jobs.db-wal");
    Files.copy(original, file);
    log = Files.readAllBytes(directory.resolve("original.db-wal"));
    Files.write(wal, log);
  }

  private static StoreHarness open(Path file, boolean acceptDataLoss) {
    return ChildServer.harness(file, SqliteOptions.STANDARD.acceptingDataLoss(acceptDataLoss));
  }

  private Optional<String> damage(byte[] bytes) throws IOException {
    Files.write(wal, bytes);
    return SqliteLogCheck.damage(wal);
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << bit % 8);
    return copy;
  }

  @Test
  void everyFlippedBitOfALogIsFound() throws IOException {
    assertThat(damage(log)).isEmpty();
    assertThat(log.length).isGreaterThan(10 * FRAME);
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      int bit = random.nextInt(8 * log.length);
      assertThat(damage(flipped(log, bit))).as("bit %s", bit).isPresent();
    }
    for (int bit = 8 * (log.length - FRAME); bit < 8 * log.length; bit += 101) {
      assertThat(damage(flipped(log, bit))).as("bit %s of the last frame", bit).isPresent();
    }
  }

  @Test
  void aLogThatWasCutOffIsSound() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < 100; i++) {
      assertThat(damage(Arrays.copyOf(log, random.nextInt(log.length)))).isEmpty();
    }
    // The header of a frame was written, its page was not.
    byte[] torn = log.clone();
    Arrays.fill(torn, torn.length - 4_096, torn.length, (byte) 0);
    assertThat(damage(torn)).isEmpty();
    // Frames of an earlier use of the log follow, with other salts.
    byte[] reused = Arrays.copyOf(log, log.length + FRAME);
    System.arraycopy(log, log.length - FRAME, reused, log.length, FRAME);
    ByteBuffer.wrap(reused).putInt(log.length + 8, 1).putInt(log.length + 12, 2);
    assertThat(damage(reused)).isEmpty();
  }

  @Test
  void aDamagedLogIsRefusedAndKept() throws IOException {
    byte[] damaged = flipped(log, 8 * (32 + 5 * FRAME + 2_000));
    Files.write(wal, damaged);
    byte[] database = Files.readAllBytes(file);
    assertThatThrownBy(() -> open(file, false))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("jobs.db-wal is damaged: frame 6 is. Behind it are ")
        .hasMessageEndingWith("use --accept-data-loss once.");
    assertThat(file).hasBinaryContent(database);
    assertThat(wal).hasBinaryContent(damaged);

    StoreHarness accepted = open(file, true);

    assertThat(accepted.get("last")).isEmpty();
    accepted.create("new");
    accepted.store().close();
    assertThat(directory.resolve("jobs.db-wal.damaged")).hasBinaryContent(damaged);
    open(file, false).store().close();
  }

  @Test
  void aMissingOrEmptyDatabaseIsRefusedBesideItsLogOrKey() throws IOException {
    Files.delete(file);
    for (boolean isEmpty : new boolean[] {false, true}) {
      if (isEmpty) {
        Files.createFile(file);
      }
      assertThatThrownBy(() -> open(file, false))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(
              (isEmpty ? "jobs.db is empty" : "jobs.db is missing")
                  + ", although its write-ahead log jobs.db-wal is there");
      assertThat(wal).hasBinaryContent(log);
    }
    Files.delete(wal);
    Files.delete(file);
    Files.delete(directory.resolve("jobs.db.lock"));
    Files.writeString(directory.resolve("jobs.db.key"), "key");
    assertThatThrownBy(() -> open(file, false))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("although its key file jobs.db.key is there");
    assertThat(file).doesNotExist();

    StoreHarness accepted = open(file, true);
    accepted.create("new");
    accepted.store().close();
    open(file, false).store().close();
    Files.delete(file);
    Files.delete(directory.resolve("jobs.db.key"));
    assertThatThrownBy(() -> open(file, false))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("although its lock file jobs.db.lock says that it was used");
  }

  @Test
  void aMissingLogIsRefusedIfNobodyHasClosedTheDatabase() throws Exception {
    Path killed = directory.resolve("killed.db");
    assertThat(ChildServer.start("create", killed).waitFor()).isEqualTo(3);
    Files.delete(directory.resolve("killed.db-wal"));
    assertThatThrownBy(() -> open(killed, false))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("killed.db-wal is missing, although no server has closed");

    open(killed, true).store().close();

    open(killed, false).store().close();
  }
}
