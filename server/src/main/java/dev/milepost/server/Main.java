package dev.milepost.server;

import dev.milepost.server.copy.CopyException;
import dev.milepost.server.log.LogFormat;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreInfo;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Starts a server from the command line. */
public final class Main {
  /** Exit code after the store has failed for good, so that a supervisor restarts the process. */
  private static final int STORE_STOPPED = 3;

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /**
   * Runs until the process is asked to stop. Exit code 0; 1 if the server cannot start, 2 for an
   * invalid command line, 3 if the store has failed for good.
   */
  public static void main(String[] arguments) {
    tuneLibraries();
    // gRPC logs through java.util.logging: route it into the same log.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(ServerCommand.execute(arguments));
  }

  private static void tuneLibraries() {
    // Netty samples buffers with stack traces to find leaks. The buffers here are gRPC's own; set
    // the property to look for a leak.
    setUnlessSet("io.netty.leakDetection.level", "disabled");
    // Guice generates bytecode to call constructors faster. Here each is called once.
    setUnlessSet("guice_bytecode_gen_option", "DISABLED");
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Runs a server until the process is asked to stop; returns the exit code.
   *
   * @param exitWith id of a process: the server stops when it ends; null: none
   */
  static int serve(LayeredSettings settings, @Nullable Long exitWith)
      throws InterruptedException, ExecutionException {
    return serve(settings, exitWith, MilepostServer::start);
  }

  /**
   * Runs a server that is started in some way.
   *
   * @param start as {@link MilepostServer#start(Settings)}
   */
  static int serve(
      LayeredSettings settings, @Nullable Long exitWith, Function<Settings, MilepostServer> start)
      throws InterruptedException, ExecutionException {
    Stop stop = new Stop();
    Runtime.getRuntime().addShutdownHook(new Thread(stop::awaitEnd, "milepost-shutdown"));
    StopSignals.handle(stop::signalled);
    MilepostServer server;
    try {
      (settings.settings().log().isJson() ? LogFormat.JSON : LogFormat.TEXT).use();
      server = start.apply(settings.settings());
      settings.warnings().forEach(LOG::warn);
    } catch (StoreException e) {
      fail(e.getMessage() + settings.settings().origins().storeSetBy());
      return 1;
    } catch (SettingsException | CopyException e) {
      fail(String.valueOf(e.getMessage()));
      return 1;
    }
    stop.begin();
    server.onStoreStopped(() -> stop.with(STORE_STOPPED));
    if (exitWith != null) {
      ProcessHandle.of(exitWith)
          .map(ProcessHandle::onExit)
          .ifPresentOrElse(
              exit -> {
                var unused = exit.thenRun(() -> stop.with(0));
              },
              () -> stop.with(0));
    }
    try {
      if (!awaitHttp(server)) {
        server.close();
        return 1;
      }
      greet(server);
      int code = stop.exitCode().get();
      server.close();
      return code;
    } finally {
      // After a failure, too, the hook must not wait forever.
      stop.end();
    }
  }

  /** Says on standard error, in the format of the log, why the server does not start. */
  static void fail(String message) {
    System.err.println(LogFormat.current().fatal(message));
  }

  /** Whether and why the server stops, and when it has. Thread-safe. */
  private static final class Stop {
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean begun;

    /** Called once the server serves. */
    void begin() {
      begun = true;
    }

    void with(int code) {
      exitCode.complete(code);
    }

    CompletableFuture<Integer> exitCode() {
      return exitCode;
    }

    /** Ends a start at once: it may wait for a store that is away. */
    void signalled() {
      exitCode.complete(0);
      if (!begun) {
        System.exit(0);
      }
    }

    void end() {
      ended.countDown();
    }

    /** Waits until the server has stopped gracefully: the JVM exits when its hooks have ended. */
    void awaitEnd() {
      exitCode.complete(0);
      if (begun) {
        try {
          ended.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Waits until HTTP is served, so that it is true when people read it. Returns whether it is. */
  private static boolean awaitHttp(MilepostServer server) throws InterruptedException {
    try {
      server.httpServed().toCompletableFuture().get();
      return true;
    } catch (ExecutionException e) {
      LOG.error("The HTTP server has failed.", e.getCause());
      fail("HTTP cannot be served. Choose another address with --http-listen, or off.");
      return false;
    }
  }

  private static void greet(MilepostServer server) {
    StoreInfo info = server.storeInfo();
    System.out.printf(
        """
        Milepost %s
          address     %s (%s)
          http        %s
          dashboard   %s
          store       %s:%s
          durability  %s
          stop        Ctrl-C, or: kill %d
        Milepost is ready.
        """,
        BuildInfo.current().version(),
        server.address(),
        server.security(),
        server.http(),
        server.http().startsWith("http") ? server.http() + "/" : "-",
        info.name(),
        info.location(),
        info.durabilityNote(),
        ProcessHandle.current().pid());
    System.out.flush();
  }
}
