package dev.milepost.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts a server from the command line. */
@Command(
    name = "milepost-server",
    description = "Keeps the status of jobs, and tells everybody who may know.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = TokenCommand.class,
    sortOptions = false)
public final class Main implements Callable<Integer> {
  /** Exit code where the store has failed for good: whoever supervises the process restarts it. */
  private static final int STORE_STOPPED = 3;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "Where jobs are kept: sqlite:PATH or memory: (default: sqlite:data/milepost.db)")
  private @Nullable String store;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where to serve (default: localhost:7300); port 0 takes a free one")
  private @Nullable String listen;

  @Option(
      names = "--metrics-address",
      paramLabel = "HOST:PORT",
      description =
          "Where the metrics page is (default: localhost:7301 if it is free); port 0 takes a free"
              + " one; off: none")
  private @Nullable String metricsAddress;

  @Option(
      names = "--keep-succeeded",
      paramLabel = "TIME",
      description = "How long jobs are kept after they SUCCEEDED (default: 30d); 0: for ever")
  private @Nullable String keepSucceeded;

  @Option(
      names = "--keep-failed",
      paramLabel = "TIME",
      description = "How long jobs are kept after they FAILED (default: 90d); 0: for ever")
  private @Nullable String keepFailed;

  @Option(
      names = "--keep-cancelled",
      paramLabel = "TIME",
      description = "How long jobs are kept after they were CANCELLED (default: 30d); 0: for ever")
  private @Nullable String keepCancelled;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings that differ from the defaults (HOCON)")
  private @Nullable Path config;

  @Option(
      names = "--exit-with",
      paramLabel = "PID",
      description = "Stop when this process has ended")
  private @Nullable Long exitWith;

  private Main() {}

  /**
   * Runs until the process is told to stop: exit code 0; 1 where it cannot start, 2 for a wrong
   * command line, 3 where the store has failed for good meanwhile.
   */
  public static void main(String[] arguments) {
    quietNetty();
    // gRPC logs through java.util.logging: into the one log with it.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  /**
   * Netty takes a stack trace of every hundredth buffer, in case somebody forgets to release it.
   * The buffers here are gRPC's own; whoever looks for a leak sets the property.
   */
  private static void quietNetty() {
    String level = "io.netty.leakDetection.level";
    if (System.getProperty(level) == null) {
      System.setProperty(level, "disabled");
    }
  }

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    MilepostServer server;
    try {
      server = MilepostServer.start(Settings.of(settings()));
    } catch (SettingsException | StoreException e) {
      System.err.println(e.getMessage());
      return 1;
    }
    CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> awaitStop(exitCode, stopped), "milepost-shutdown"));
    server.onStoreStopped(() -> exitCode.complete(STORE_STOPPED));
    if (exitWith != null) {
      ProcessHandle.of(exitWith)
          .map(ProcessHandle::onExit)
          .ifPresentOrElse(
              exit -> {
                var unused = exit.thenRun(() -> exitCode.complete(0));
              },
              () -> exitCode.complete(0));
    }
    try {
      greet(server);
      int code = exitCode.get();
      server.close();
      return code;
    } finally {
      // Whatever went wrong, the hook must not wait for ever.
      stopped.countDown();
    }
  }

  /**
   * The virtual machine ends when its hooks have: so this one waits until the server has stopped in
   * good order.
   */
  private static void awaitStop(CompletableFuture<Integer> exitCode, CountDownLatch stopped) {
    exitCode.complete(0);
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Config settings() {
    Map<String, Object> options = new HashMap<>();
    if (store != null) {
      options.put("milepost.store", store);
    }
    if (listen != null) {
      options.put("milepost.listen", listen);
    }
    if (metricsAddress != null) {
      options.put("milepost.metrics.address", metricsAddress);
    }
    if (keepSucceeded != null) {
      options.put("milepost.jobs.retention.succeeded", keepSucceeded);
    }
    if (keepFailed != null) {
      options.put("milepost.jobs.retention.failed", keepFailed);
    }
    if (keepCancelled != null) {
      options.put("milepost.jobs.retention.cancelled", keepCancelled);
    }
    return ConfigFactory.parseMap(options).withFallback(settings(config));
  }

  /** The settings of a file, if there is one, over the defaults. */
  static Config settings(@Nullable Path file) {
    if (file == null) {
      return ConfigFactory.load();
    }
    if (!Files.isReadable(file)) {
      throw new SettingsException("The settings file " + file + " cannot be read.");
    }
    return ConfigFactory.load(parse(file));
  }

  private static Config parse(Path file) {
    try {
      return ConfigFactory.parseFile(file.toFile());
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings file " + file + " cannot be used", e);
    }
  }

  private static void greet(MilepostServer server) {
    StoreInfo info = server.storeInfo();
    System.out.printf(
        """
        Milepost %s
          address     %s (%s)
          metrics     %s
          store       %s:%s
          durability  %s
          stop        Ctrl-C, or: kill %d
        Milepost is ready.
        """,
        new Version().getVersion()[0],
        server.address(),
        server.security(),
        server.metrics(),
        info.name(),
        info.location(),
        info.durabilityNote(),
        ProcessHandle.current().pid());
    System.out.flush();
  }

  /** The version that stands in the jar; "development" where there is none. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {version == null ? "development" : version};
    }
  }
}
