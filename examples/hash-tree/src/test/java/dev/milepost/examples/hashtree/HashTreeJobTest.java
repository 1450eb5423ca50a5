package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HashTreeJobTest {
  @TempDir Path temporary;
  private Path root;
  private Path output;
  private HashTreeSpec spec;

  @BeforeEach
  void makeDirectories() throws IOException {
    root = Files.createDirectory(temporary.toRealPath().resolve("root"));
    output = Files.createDirectory(temporary.toRealPath().resolve("output"));
    spec = new HashTreeSpec(root, output.resolve("manifest"));
  }

  @Test
  void writesALineForEachFileAndReportsWhatItFound() throws Exception {
    Trees.write(root, "b/two", "same content");
    Trees.write(root, "a", "same content");
    Trees.write(root, "c", "other");
    Trees.write(root, "empty", "");
    FakeContext context = run(new FakeContext(spec));

    assertThat(manifest())
        .containsExactly(
            line("a", "same content"),
            line("b/two", "same content"),
            line("c", "other"),
            line("empty", ""));
    assertThat(context.stages).containsExactly("Scanning", "Hashing");
    assertThat(context.outcome)
        .isEqualTo(Map.of("files", 4L, "bytes", 29L, "duplicates", 1L, "unreadable", 0L));
    assertThat(context.current).isEqualTo(29);
    assertThat(context.total).isEqualTo(29);
    assertThat(context.result)
        .isEqualTo(
            Map.of(
                "manifest", spec.manifest().toString(),
                "duplicate_groups", 1L,
                "largest_duplicate_groups",
                    List.of(
                        Map.of(
                            "sha256",
                            Trees.sha256("same content"),
                            "size",
                            12L,
                            "count",
                            2L,
                            "files",
                            List.of("a", "b/two")))));
  }

  @Test
  void writesAnEmptyManifestForAnEmptyTree() throws Exception {
    FakeContext context = run(new FakeContext(spec));

    assertThat(manifest()).isEmpty();
    assertThat(context.outcome.get("files")).isEqualTo(0L);
  }

  @Test
  void countsFilesIfThereAreNoBytes() throws Exception {
    Trees.write(root, "empty", "");

    FakeContext context = run(new FakeContext(spec));

    assertThat(context.current).isEqualTo(1);
    assertThat(context.total).isEqualTo(1);
  }

  @Test
  void warnsOfAnUnreadableFileAndContinues() throws Exception {
    Path gone = Trees.write(root, "b", "content");
    Trees.write(root, "a", "content");
    Trees.write(root, "c", "content");
    FakeContext context = new FakeContext(spec);
    // after the scan, which checks once for the root and once for each file
    context.atCheck(5, () -> delete(gone));

    run(context);

    assertThat(manifest()).containsExactly(line("a", "content"), line("c", "content"));
    assertThat(context.lines).contains("warning: Cannot read b: the file is gone");
    assertThat(context.outcome.get("unreadable")).isEqualTo(1L);
    assertThat(context.failed).isEqualTo(1);
    assertThat(context.current).isEqualTo(context.total);
  }

  @Test
  void ignoresItsOwnManifestInsideTheTree() throws Exception {
    spec = new HashTreeSpec(root, root.resolve("manifest"));
    Trees.write(root, "a", "content");

    run(new FakeContext(spec));
    run(new FakeContext(spec));

    assertThat(manifest()).containsExactly(line("a", "content"));
  }

  @Test
  void failsWithoutRetryIfThereIsNoDirectory() {
    delete(root);

    assertThatThrownBy(() -> run(new FakeContext(spec)))
        .isInstanceOfSatisfying(
            JobFailure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo("NO_DIRECTORY");
              assertThat(failure.retryable()).isFalse();
            });
  }

  @Test
  void leavesNothingBehindWheneverItIsCancelled() throws Exception {
    Trees.fill(root, 20);
    FakeContext whole = run(new FakeContext(spec));
    Files.delete(spec.manifest());

    for (int check = 1; check <= whole.checks; check++) {
      FakeContext context = new FakeContext(spec);
      context.cancelAtCheck(check);

      assertThatThrownBy(() -> run(context)).isInstanceOf(JobCancelledException.class);
      assertThat(Trees.list(output)).as("cancelled at check %s", check).isEmpty();
    }
  }

  @Test
  void stopsInTheMiddleOfAHugeFile() throws Exception {
    try (RandomAccessFile huge = new RandomAccessFile(root.resolve("huge").toFile(), "rw")) {
      huge.setLength(64L << 30); // sparse
    }
    FakeContext context = new FakeContext(spec);
    context.cancelAtCheck(50);

    assertThatThrownBy(() -> run(context)).isInstanceOf(JobCancelledException.class);
    assertThat(context.current).isPositive().isLessThan(10L << 20);
    assertThat(Trees.list(output)).isEmpty();
  }

  @Test
  void listsEachFileOnceWhereverAnAttemptWasKilled() throws Exception {
    Trees.fill(root, 30);
    FakeContext whole = run(new FakeContext(spec));
    List<String> expected = manifest();

    for (int check = 1; check <= whole.checks; check++) {
      Files.delete(spec.manifest());
      FakeContext killed = new FakeContext(spec);
      kill(killed, check);
      FakeContext second = killed.next();
      // every attempt has at least the scan's 38 checks and one before its end
      kill(second, Math.min(check, 39));
      FakeContext last = run(second.next());

      assertThat(manifest()).as("killed at check %s", check).isEqualTo(expected);
      assertThat(last.outcome).isEqualTo(whole.outcome);
      assertThat(last.current).isEqualTo(whole.current);
      assertThat(Trees.list(output)).containsExactly("manifest");
    }
  }

  @Test
  void hashesNothingTwiceAfterAResume() throws Exception {
    Trees.fill(root, 30);
    FakeContext killed = new FakeContext(spec);
    // the scan has 38 checks; each file takes three
    kill(killed, 38 + 3 * 20);

    FakeContext second = run(killed.next());

    assertThat(second.lines).contains("milestone: Resuming after 19 files");
    assertThat(second.checks).isLessThan(38 + 3 * 13);
  }

  @Test
  void resumesInATreeThatHasChanged() throws Exception {
    Trees.write(root, "a", "1");
    Trees.write(root, "c", "3");
    Trees.write(root, "e", "5");
    Trees.write(root, "g", "7");
    FakeContext killed = new FakeContext(spec);
    // the scan has 5 checks; two files are done
    kill(killed, 5 + 3 * 2 + 1);
    assertThat(killed.checkpoints).hasSize(2);
    delete(root.resolve("a"));
    delete(root.resolve("e"));
    Trees.write(root, "b", "new, but before what is done");
    Trees.write(root, "f", "new");

    FakeContext last = run(killed.next());

    assertThat(manifest())
        .containsExactly(line("a", "1"), line("c", "3"), line("f", "new"), line("g", "7"));
    assertThat(last.outcome.get("files")).isEqualTo(4L);
    assertThat(last.current).isEqualTo(last.total);
  }

  @Test
  void startsOverIfThePartialManifestIsGone() throws Exception {
    Trees.fill(root, 10);
    FakeContext whole = run(new FakeContext(spec));
    List<String> expected = manifest();
    Files.delete(spec.manifest());
    FakeContext killed = new FakeContext(spec);
    kill(killed, whole.checks / 2 + 10);
    Files.delete(ManifestWriter.partialOf(spec.manifest()));

    FakeContext last = run(killed.next());

    assertThat(last.lines).contains("warning: The partial manifest is gone; starting over");
    assertThat(manifest()).isEqualTo(expected);
    assertThat(last.outcome).isEqualTo(whole.outcome);
  }

  @Test
  void remembersUnreadableFilesOfAKilledAttempt() throws Exception {
    Path gone = Trees.write(root, "a", "1");
    Trees.write(root, "b", "2");
    Trees.write(root, "c", "3");
    FakeContext context = new FakeContext(spec);
    context.onCheck =
        () -> {
          if (context.checks == 5) {
            delete(gone);
          } else if (context.checks == 10) {
            throw new Killed();
          }
        };
    assertThatThrownBy(() -> run(context)).isInstanceOf(Killed.class);

    FakeContext last = run(context.next());

    assertThat(manifest()).containsExactly(line("b", "2"), line("c", "3"));
    assertThat(last.outcome.get("unreadable")).isEqualTo(1L);
    assertThat(last.failed).isEqualTo(1);
  }

  /** Ends an attempt as a power failure would: it writes nothing more. */
  private void kill(FakeContext context, int check) throws Exception {
    context.atCheck(
        check,
        () -> {
          throw new Killed();
        });
    try {
      run(context);
      throw new AssertionError("was not killed at check " + check);
    } catch (Killed expected) {
      Path partial = ManifestWriter.partialOf(spec.manifest());
      Files.writeString(partial, Files.readString(partial) + "half a line that was never synced");
    }
  }

  /** Saves a checkpoint after every file. */
  private static FakeContext run(FakeContext context) throws Exception {
    new HashTreeJob(Duration.ZERO, Duration.ZERO).handle(context);
    return context;
  }

  private List<String> manifest() throws IOException {
    return Files.readAllLines(spec.manifest());
  }

  private static String line(String name, String content) {
    return new ManifestLine(Trees.sha256(content), content.length(), name).text();
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }
}
