package dev.milepost.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A class data archive of the libraries, which spares each server process of a test a third of its
 * start. The JDK archives classes of jars only, so the classes of this build are not in it, and the
 * jars come first in the class path.
 */
final class SharedClasses {
  private static final Path DIRECTORY = Path.of("target", "shared-classes").toAbsolutePath();
  private static final int TIMEOUT_SECONDS = 60;

  private SharedClasses() {}

  /**
   * Returns the flags of a process with this class path. The first caller of a build makes the
   * archive; others, also in other processes, wait for it.
   *
   * @param jars the part of the class path before its directories
   * @param directories the rest
   */
  static List<String> flags(String jars, String directories) {
    String name = Integer.toHexString((jars + Runtime.version()).hashCode()) + ".jsa";
    Path archive = DIRECTORY.resolve(name);
    try {
      makeOnce(archive, jars, directories);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:auto", "-Xlog:cds*=off");
  }

  private static synchronized void makeOnce(Path archive, String jars, String directories)
      throws IOException {
    Files.createDirectories(DIRECTORY);
    try (FileChannel file =
            FileChannel.open(
                DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      if (!Files.exists(archive) && lock.isValid()) {
        make(archive, jars, directories);
      }
    }
  }

  private static void make(Path archive, String jars, String directories) throws IOException {
    Path work = Files.createTempDirectory(DIRECTORY, "make");
    Path list = work.resolve("classes");
    List<String> server =
        ServerProcess.java(
            "-XX:DumpLoadedClassList=" + list,
            "-cp",
            jars + File.pathSeparator + directories,
            Main.class.getName(),
            "--store",
            "sqlite:" + work.resolve("store.db"),
            "--listen",
            "localhost:0");
    ProcessBuilder start = new ProcessBuilder(server).directory(work.toFile());
    start.environment().put("MILEPOST_HTTP_LISTEN", "off");
    Process child = start.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    ServerProcess.greeting(child);
    child.destroy();
    await(child, "The server of which the classes are listed");
    Path made = work.resolve("archive");
    List<String> dump =
        ServerProcess.java(
            "-Xshare:dump",
            "-XX:SharedClassListFile=" + list,
            "-XX:SharedArchiveFile=" + made,
            "-cp",
            jars);
    Path output = work.resolve("output");
    Process dumper =
        new ProcessBuilder(dump).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    await(dumper, "The JVM that archives classes");
    if (!Files.exists(made)) {
      throw new IOException(
          "No archive was made: " + Files.readString(output, StandardCharsets.UTF_8));
    }
    Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void await(Process process, String what) throws IOException {
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(what + " does not end");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(what + " was interrupted", e);
    }
  }
}
