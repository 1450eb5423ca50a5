package dev.milepost.benchmarks.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Memory of a Java process, as the operating system and its virtual machine see it. */
public final class Footprint {
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB");
  private static final Pattern LIVE = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern OLD =
      Pattern.compile("(?m)^\\s*tenured generation\\s+total \\d+K, used (\\d+)K");

  /** Both generations of the serial collector. */
  private static final Pattern USED =
      Pattern.compile("(?m)^\\s*(?:def new|tenured) generation\\s+total \\d+K, used (\\d+)K");

  private final long pid;

  public Footprint(long pid) {
    this.pid = pid;
  }

  /** Bytes in memory; NaN where the system does not say so. */
  public double resident() throws IOException {
    return status(RESIDENT);
  }

  /** The most bytes that were in memory since its start; NaN where the system does not say so. */
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

  /** Bytes of the objects that are in use: all others are collected first. */
  public long liveHeap() throws IOException, InterruptedException {
    return number(LIVE, ask("GC.class_histogram"));
  }

  /**
   * Bytes of the heap that are in use, with what is not collected yet; of the serial collector. NaN
   * where there is no jcmd to ask by.
   */
  double usedHeap() throws IOException, InterruptedException {
    if (!Files.isExecutable(tool())) {
      return Double.NaN;
    }
    String info = ask("GC.heap_info");
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

  /** Bytes of the old generation, with what is not collected yet; of the serial collector. */
  public long oldGeneration() throws IOException, InterruptedException {
    return number(OLD, ask("GC.heap_info")) * 1024;
  }

  private static Path tool() {
    return Path.of(System.getProperty("java.home"), "bin", "jcmd");
  }

  private String ask(String command) throws IOException, InterruptedException {
    Process tool =
        new ProcessBuilder(tool().toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String answer = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (tool.waitFor() != 0) {
      throw new IOException("jcmd " + command + " does not work: " + answer);
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
