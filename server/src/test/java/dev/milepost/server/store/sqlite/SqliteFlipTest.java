package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.StoreContent;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flips single bits of a database and its log, and reads everything. What is served is right, or is
 * named as damaged, or the store is refused; what an index hides is found by a check.
 */
class SqliteFlipTest {
  private static final int FLIPS = Integer.getInteger("milepost.test.flips", 60);
  private static final long SEED = Long.getLong("milepost.test.seed", 20_261_130);
  private static final List<String> JOBS = StoreHarness.numbered("j", 0, 40);

  @TempDir private Path directory;

  /** What came of a flip. */
  private enum Outcome {
    REFUSED,
    NAMED,
    RIGHT,
    HIDDEN
  }

  /** Creates jobs with journals and items; the latest changes remain in the log. */
  private Path make() throws IOException {
    Path file = directory.resolve("made.db");
    StoreHarness first = ChildServer.harness(file, SqliteOptions.STANDARD);
    StoreContent.fill(first, JOBS.subList(0, 30));
    first.store().close();
    FaultyDisk disk = new FaultyDisk();
    StoreHarness second = ChildServer.harness(file, disk.options(1_000));
    StoreContent.fill(second, JOBS.subList(30, 40));
    disk.fail();
    assertThatThrownBy(() -> second.create("last")).isInstanceOf(StoreException.class);
    second.store().close();
    return file;
  }

  @Test
  void noFlippedBitIsServed() throws IOException {
    Path made = make();
    byte[] database = Files.readAllBytes(made);
    byte[] log = Files.readAllBytes(SqliteLogCheck.log(made));
    Path file = directory.resolve("jobs.db");
    Map<String, Object> right = flip(file, database, log, -1, new AtomicBoolean());
    assertThat(right).hasSizeGreaterThan(2 * JOBS.size() + 5 * JOBS.size() + 400);
    Random random = new Random(SEED);
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int i = 0; i < FLIPS; i++) {
      // As many in the log as in the database.
      boolean inLog = i % 2 == 1;
      int bit = random.nextInt(8 * (inLog ? log : database).length);
      String where = "seed " + SEED + ", bit " + bit + " of the " + (inLog ? "log" : "database");
      outcomes.merge(outcome(file, database, log, inLog, bit, right, where), 1, Integer::sum);
    }
    System.out.println(FLIPS + " flips, seed " + SEED + ": " + outcomes);
  }

  private Outcome outcome(
      Path file,
      byte[] database,
      byte[] log,
      boolean inLog,
      int bit,
      Map<String, Object> right,
      String where)
      throws IOException {
    AtomicBoolean named = new AtomicBoolean();
    Map<String, Object> read;
    try {
      read = flip(file, database, log, inLog ? -2 - bit : bit, named);
    } catch (StoreException e) {
      return Outcome.REFUSED;
    }
    List<String> wrong =
        read.keySet().stream().filter(name -> !read.get(name).equals(right.get(name))).toList();
    assertThat(wrong).as(where).isEmpty();
    if (named.get()) {
      return Outcome.NAMED;
    }
    if (read.size() == right.size()) {
      return Outcome.RIGHT;
    }
    write(file, database, log, inLog ? -2 - bit : bit);
    assertThat(SqliteCheckTest.findings(file)).as(where).isNotEmpty();
    return Outcome.HIDDEN;
  }

  /** Reads a copy in which a bit is flipped: -1: none; less: of the log. */
  private static Map<String, Object> flip(
      Path file, byte[] database, byte[] log, int bit, AtomicBoolean named) throws IOException {
    write(file, database, log, bit);
    StoreHarness harness = ChildServer.harness(file, SqliteOptions.STANDARD);
    try {
      return StoreContent.read(harness, JOBS, named);
    } finally {
      try {
        harness.store().close();
      } catch (StoreException e) {
        named.set(true);
      }
    }
  }

  private static void write(Path file, byte[] database, byte[] log, int bit) throws IOException {
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
    Files.deleteIfExists(SqliteLock.file(file));
    Files.write(file, bit < 0 ? database : flipped(database, bit));
    Files.write(SqliteLogCheck.log(file), bit < -1 ? flipped(log, -2 - bit) : log);
  }

  static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << bit % 8);
    return copy;
  }
}
