package dev.milepost.faults;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line: runs each seed and reports violated guarantees. */
@Command(
    name = "faults",
    mixinStandardHelpOptions = true,
    version = "faults 0.1.0",
    description = {
      "Kills, suspends and disconnects several servers that share a store, and crashes the store;"
          + " then compares what was acknowledged with what is stored.",
      "Exit code: 0 all guarantees held, 1 one was violated, 2 bad usage."
    })
public final class Main implements Callable<Integer> {
  private static final Pattern SEEDS = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

  private final PrintStream out;

  @Option(
      names = "--store",
      paramLabel = "NAME",
      description = "postgres, redis or both, each started for the run (default: both)")
  private String store = "both";

  @Option(names = "--seeds", paramLabel = "N[-M]", description = "default: 1-20")
  private String seeds = "1-20";

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      description = "for how long faults are injected in each run (default: 12)")
  private int seconds = 12;

  @Option(names = "--servers", paramLabel = "COUNT", description = "default: 3")
  private int servers = 3;

  @Option(names = "--workers", paramLabel = "COUNT", description = "default: 32")
  private int workers = 32;

  @Option(names = "--jobs", paramLabel = "COUNT", description = "default: 200")
  private int jobs = 200;

  @Option(names = "--watchers", paramLabel = "COUNT", description = "default: 100")
  private int watchers = 100;

  @Option(
      names = "--redis-program",
      paramLabel = "FILE",
      description = "a redis-server or valkey-server (default: the bundled one)")
  private @Nullable String redisProgram;

  @Option(
      names = "--attacks",
      description = "attacks one server with the memory of the image instead, in each known way")
  private boolean attacks;

  @Option(
      names = "--attack",
      paramLabel = "NAME",
      split = ",",
      description = "like --attacks, but only these: ${COMPLETION-CANDIDATES}")
  private List<Attack> attack = List.of();

  private Main(PrintStream out) {
    this.out = out;
  }

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // The server's configuration is on the class path, too.
    System.setProperty("logback.configurationFile", "logback-faults.xml");
    System.exit(run(System.out, System.err, args));
  }

  static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine command = new CommandLine(new Main(out));
    command.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    command.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    command.setExecutionExceptionHandler(
        (e, line, parsed) -> {
          err.println("faults: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
          return e instanceof IllegalArgumentException ? 2 : 1;
        });
    return command.execute(args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean held = (attacks || !attack.isEmpty()) ? attack() : injectFaults();
    out.println(held ? "All guarantees held." : "A guarantee was violated.");
    return held ? 0 : 1;
  }

  private boolean attack() throws IOException, InterruptedException {
    atLeast(1, "--seconds", seconds);
    Path directory = Files.createTempDirectory("milepost-attacks-");
    AttackRun run = new AttackRun(seconds);
    boolean held = print(run.calm(directory));
    for (Attack one : attack.isEmpty() ? List.of(Attack.values()) : attack) {
      held &= print(run.attack(one, directory));
    }
    if (held) {
      Directories.remove(directory);
    }
    return held;
  }

  private boolean print(AttackRun.Outcome outcome) {
    boolean held = outcome.violations().isEmpty();
    out.println((held ? "passed  " : "FAILED  ") + outcome.summary());
    outcome.violations().forEach(violation -> out.println("        " + violation));
    return held;
  }

  private boolean injectFaults() throws IOException, InterruptedException {
    Matcher range = SEEDS.matcher(seeds);
    if (!range.matches()) {
      throw new IllegalArgumentException("--seeds must be a number or a range N-M, not " + seeds);
    }
    long first = Long.parseLong(range.group(1));
    long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
    atLeast(1, "--seconds", seconds);
    atLeast(1, "--servers", servers);
    atLeast(1, "--workers", workers);
    atLeast(1, "--jobs", jobs);
    atLeast(0, "--watchers", watchers);
    List<String> stores =
        switch (store) {
          case "both" -> List.of("postgres", "redis");
          case "postgres", "redis" -> List.of(store);
          default ->
              throw new IllegalArgumentException(
                  "--store must be postgres, redis or both, not " + store);
        };
    boolean held = true;
    for (String name : stores) {
      try (Engine engine =
          name.equals("redis")
              ? new RedisEngine(Optional.ofNullable(redisProgram))
              : new PostgresEngine()) {
        for (long seed = first; seed <= last; seed++) {
          held &= runOne(engine, seed);
        }
      }
    }
    return held;
  }

  private static void atLeast(int least, String option, int given) {
    if (given < least) {
      throw new IllegalArgumentException(option + " must be at least " + least + ", not " + given);
    }
  }

  private boolean runOne(Engine engine, long seed) throws IOException, InterruptedException {
    Path logs = Files.createTempDirectory("milepost-faults-");
    FaultRun.Size size =
        new FaultRun.Size(servers, workers, jobs, watchers, Duration.ofSeconds(seconds));
    FaultRun.Outcome outcome;
    try (FaultRun run = new FaultRun(engine, size, seed)) {
      outcome = run.run(logs);
    }
    boolean held = outcome.violations().isEmpty();
    out.println((held ? "passed  " : "FAILED  ") + outcome.summary());
    outcome.violations().stream()
        .limit(20)
        .forEach(violation -> out.println("        " + violation));
    if (outcome.violations().size() > 20) {
      out.println("        and " + (outcome.violations().size() - 20) + " more");
    }
    if (held) {
      Directories.remove(logs);
    } else {
      out.println("        The output of the servers is in " + logs);
    }
    return held;
  }
}
