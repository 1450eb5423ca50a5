package dev.milepost.benchmarks.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Memory of a Java process as reported by the operating system and the JVM. */
public final class Footprint {
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB");
  private static final Pattern LIVE = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern OLD =
      Pattern.compile("(?m)^\\s*tenured generation\\s+total \\d+K, used (\\d+)K");

  /**
   * Java has no kind of its own for direct buffers, and tracks nothing else of size as this one.
   */
  private static final Pattern DIRECT =
      Pattern.compile("(?m)^-\\s+Other \\(reserved=\\d+KB, committed=(\\d+)KB");

  /** Both generations of the serial collector. */
  private static final Pattern USED =
      Pattern.compile("(?m)^\\s*(?:def new|tenured) generation\\s+total \\d+K, used (\\d+)K");

  private final long pid;

  /** Reads the memory of the process with this id. */
  public Footprint(long pid) {
    this.pid = pid;
  }

  /** Returns the resident bytes; NaN if unknown. */
  public double resident() throws IOException {
    return status(RESIDENT);
  }

  /** Returns the peak of resident bytes since its start; NaN if unknown. */
  public double peak() throws IOException {
    return status(PEAK);
  }

  private double status(Pattern what) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.isReadable(status)) {
      return Double.NaN;
    }
    return number(what, Files.readString(status, StandardCharsets.UTF_8)) * 1024.0;
  }

  /** Returns the bytes of live objects, after a full garbage collection. */
  public long liveHeap() throws IOException, InterruptedException {
    return number(LIVE, run("GC.class_histogram"));
  }

  /**
   * Returns the used bytes of the heap, garbage included, of the serial collector. NaN if there is
   * no {@code jcmd}.
   */
  double usedHeap() throws IOException, InterruptedException {
    if (!Files.isExecutable(jcmd())) {
      return Double.NaN;
    }
    String info = run("GC.heap_info");
    Matcher generation = USED.matcher(info);
    long used = 0;
    while (generation.find()) {
      used += Long.parseLong(generation.group(1));
    }
    if (used == 0) {
      throw new IOException("no " + USED + " in: " + info);
    }
    return used * 1024.0;
  }

  /**
   * Returns the bytes of direct buffers. The process must run with {@code
   * -XX:NativeMemoryTracking=summary}; call {@link #liveHeap} first, which frees those that are no
   * longer used.
   */
  public long direct() throws IOException, InterruptedException {
    return number(DIRECT, run("VM.native_memory")) * 1024;
  }

  /** Returns the used bytes of the old generation, garbage included, of the serial collector. */
  public long oldGeneration() throws IOException, InterruptedException {
    return number(OLD, run("GC.heap_info")) * 1024;
  }

  private static Path jcmd() {
    return Path.of(System.getProperty("java.home"), "bin", "jcmd");
  }

  private String run(String command) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(jcmd().toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd " + command + " failed: " + answer);
    }
    return answer;
  }

  private static long number(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("no " + pattern + " in: " + text);
    }
    return Long.parseLong(matcher.group(1));
  }
}
