package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeScannerTest {
  @TempDir Path temporary;
  private Path root;
  private final Recorder recorder = new Recorder();

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(temporary.toRealPath().resolve("root"));
  }

  @Test
  void findsNothingInAnEmptyTree() throws IOException {
    assertThat(scan()).isEqualTo(new Tree(List.of(), 0, 0));
  }

  @Test
  void findsFilesByNameWithTheirSizes() throws IOException {
    Trees.write(root, "b", "22");
    Trees.write(root, "a/z", "1");
    Trees.write(root, "a.txt", "333");

    Tree tree = scan();

    assertThat(tree.files()).extracting(TreeFile::name).containsExactly("a.txt", "a/z", "b");
    assertThat(tree.files()).extracting(TreeFile::size).containsExactly(3L, 1L, 2L);
    assertThat(tree.bytes()).isEqualTo(6);
    assertThat(recorder.found).containsExactly(1, 2, 3);
  }

  @Test
  void followsNoSymbolicLink() throws IOException {
    Trees.write(root, "a/file", "1");
    Files.createSymbolicLink(root.resolve("a/loop"), root);
    Files.createSymbolicLink(root.resolve("to-file"), root.resolve("a/file"));
    Files.createSymbolicLink(root.resolve("to-nothing"), root.resolve("nothing"));

    assertThat(scan().files()).extracting(TreeFile::name).containsExactly("a/file");
  }

  @Test
  void ignoresWhatTheJobWrites() throws IOException {
    Path manifest = Trees.write(root, "a/manifest", "");
    Trees.write(root, "a/file", "");

    Tree tree = new TreeScanner(root, Set.of(manifest)).scan(recorder);

    assertThat(tree.files()).extracting(TreeFile::name).containsExactly("a/file");
  }

  @Test
  void reportsWhatCannotBeReadAndContinues() throws IOException {
    Files.createDirectory(root.resolve("a"));
    Files.createDirectory(root.resolve("b"));
    recorder.onCheck =
        () -> {
          // Deleted while one of them is open and the other is next, as in a tree that is in use.
          if (recorder.checks == 2) {
            Files.delete(root.resolve("a"));
            Files.delete(root.resolve("b"));
          }
        };

    Tree tree = scan();

    assertThat(tree.unreadable()).isEqualTo(1);
    assertThat(recorder.unreadable).hasSize(1).containsAnyOf("a", "b");
  }

  @Test
  void failsIfTheRootCannotBeRead() throws IOException {
    Files.delete(root);

    assertThatThrownBy(this::scan).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void stopsWhenAsked() {
    Trees.fill(root, 50);
    recorder.onCheck =
        () -> {
          if (recorder.checks == 20) {
            throw new IllegalStateException("stop");
          }
        };

    assertThatThrownBy(this::scan).hasMessage("stop");
    assertThat(recorder.checks).isEqualTo(20);
  }

  private Tree scan() throws IOException {
    return new TreeScanner(root, Set.of()).scan(recorder);
  }

  private interface Action {
    void run() throws IOException;
  }

  private static final class Recorder implements TreeScanner.Listener {
    private final List<Integer> found = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private Action onCheck = () -> {};
    private int checks;

    @Override
    public void check() {
      checks++;
      try {
        onCheck.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void found(int files) {
      found.add(files);
    }

    @Override
    public void unreadable(String name, IOException why) {
      unreadable.add(name);
    }
  }
}
