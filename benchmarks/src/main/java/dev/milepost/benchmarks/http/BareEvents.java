package dev.milepost.benchmarks.http;

import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * The floor: a bare Jetty server whose responses are event streams that stay open. A separate
 * program, so that it is measured like Milepost.
 *
 * <p>Argument: the id of a process with which it exits.
 */
public final class BareEvents {
  private static final byte[] FIRST =
      "event: synced\ndata: {}\n\n".getBytes(StandardCharsets.UTF_8);
  private static final long IDLE_TIMEOUT_MILLIS = 600_000;

  private BareEvents() {}

  /** Starts it in a separate process. */
  static ServerProcess start(List<String> flags) throws IOException, InterruptedException {
    return ServerProcess.startOther(flags, BareEvents.class);
  }

  /** Serves until the given process exits or this one is stopped. */
  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server, 0, 1);
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(IDLE_TIMEOUT_MILLIS);
    server.addConnector(connector);
    server.setHandler(new Events());
    server.start();
    System.out.printf("address 127.0.0.1:%d%nReady%n", connector.getLocalPort());
    System.out.flush();
    ProcessHandle.of(Long.parseLong(arguments[0]))
        .ifPresent(
            driver -> {
              var unused = driver.onExit().thenRun(() -> System.exit(0));
            });
    server.join();
  }

  /** Writes one event and leaves the response open. */
  private static final class Events extends Handler.Abstract.NonBlocking {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
      response.write(false, ByteBuffer.wrap(FIRST), Callback.NOOP);
      return true;
    }
  }
}
