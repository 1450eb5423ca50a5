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
 * Finds the regular files of a tree. Symbolic links are not followed; what cannot be read is told
 * and left out.
 */
final class TreeScanner {
  private final Path root;
  private final Set<Path> leftOut;

  /**
   * @param root the tree's root, as {@link Path#toRealPath} gives it
   * @param leftOut files that are no part of the tree: those that this job writes
   */
  TreeScanner(Path root, Set<Path> leftOut) {
    this.root = root;
    this.leftOut = leftOut;
  }

  /** Told on the way. */
  interface Listener extends StopCheck {
    void found(int files);

    void unreadable(String name, IOException why);
  }

  /** The tree as it is now, in an order that depends on the names alone. */
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
      if (attributes.isRegularFile() && !leftOut.contains(file)) {
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
      leaveOut(file, why);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException why) {
      if (why != null) {
        leaveOut(directory, why);
      }
      return FileVisitResult.CONTINUE;
    }

    private void leaveOut(Path file, IOException why) {
      unreadable++;
      listener.unreadable(FileNames.name(root, file), why);
    }
  }
}
