package dev.milepost.examples.hashtree;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the regular files in a tree. Does not follow symbolic links; reports and skips what it
 * cannot read.
 */
final class TreeScanner {
  private final Path root;
  private final Set<Path> ignored;

  /**
   * @param root the tree's root, as {@link Path#toRealPath} gives it
   * @param ignored files to ignore: those that this job writes
   */
  TreeScanner(Path root, Set<Path> ignored) {
    this.root = root;
    this.ignored = ignored;
  }

  /** Receives progress during a scan. */
  interface Listener extends StopCheck {
    void found(int files);

    void unreadable(String name, IOException why);
  }

  /** Scans the tree as it is now; the order of the files depends only on their names. */
  Tree scan(Listener listener) throws IOException {
    Visitor visitor = new Visitor(listener);
    Files.walkFileTree(root, visitor);
    visitor.files.sort(Comparator.comparing(TreeFile::name));
    return new Tree(List.copyOf(visitor.files), visitor.bytes, visitor.unreadable);
  }

  private final class Visitor extends SimpleFileVisitor<Path> {
    private final List<TreeFile> files = new ArrayList<>();
    private final Listener listener;
    private long bytes;
    private int unreadable;

    private Visitor(Listener listener) {
      this.listener = listener;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      listener.check();
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      listener.check();
      if (attributes.isRegularFile() && !ignored.contains(file)) {
        files.add(new TreeFile(file, FileNames.name(root, file), attributes.size()));
        bytes += attributes.size();
        listener.found(files.size());
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
      listener.check();
      if (file.equals(root)) {
        throw why;
      }
      skip(file, why);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException why) {
      if (why != null) {
        skip(directory, why);
      }
      return FileVisitResult.CONTINUE;
    }

    private void skip(Path file, IOException why) {
      unreadable++;
      listener.unreadable(FileNames.name(root, file), why);
    }
  }
}
