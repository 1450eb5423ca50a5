package dev.milepost.server;

import com.typesafe.config.Config;
import dev.milepost.server.copy.CopyException;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreInfo;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Starts a server from the command line. */
public final class Main {
  /** Exit code where the store has failed for good: whoever supervises the process restarts it. */
  private static final int STORE_STOPPED = 3;

  private Main() {}

  /**
   * Runs until the process is told to stop: exit code 0; 1 where it cannot start, 2 for a wrong
   * command line, 3 where the store has failed for good meanwhile.
   */
  public static void main(String[] arguments) {
    quickenLibraries();
    // gRPC logs through java.util.logging: into the one log with it.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(ServerCommand.execute(arguments));
  }

  private static void quickenLibraries() {
    // Netty takes a stack trace of every hundredth buffer, in case somebody forgets to release it.
    // The buffers here are gRPC's own; whoever looks for a leak sets the property.
    setUnlessSet("io.netty.leakDetection.level", "disabled");
    // Guice makes classes to call constructors faster. Here each is called once.
    setUnlessSet("guice_bytecode_gen_option", "DISABLED");
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Runs a server until the process is told to stop; returns the exit code.
   *
   * @param exitWith id of the process whose end is the server's; null: none
   */
  static int serve(Config config, @Nullable Long exitWith)
      throws InterruptedException, ExecutionException {
    MilepostServer server;
    try {
      server = MilepostServer.start(Settings.of(config));
    } catch (SettingsException | StoreException | CopyException e) {
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
        version(),
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
  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
