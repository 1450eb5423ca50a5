package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.watch.WatchException;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The report streams that are open, so that each can be told when the server stops. Thread-safe.
 */
final class OpenReportStreams implements AutoCloseable {
  private final Reauthorisation reauthorisation;
  private final Set<ReportStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  OpenReportStreams(Reauthorisation reauthorisation) {
    this.reauthorisation = reauthorisation;
  }

  StreamObserver<ReportStreamRequest> open(
      Caller caller, Reports reports, ServerCallStreamObserver<ReportStreamResponse> out) {
    ReportStream stream = new ReportStream(caller, reports, out, open::remove);
    open.add(stream);
    reauthorisation.watch(stream::endWith);
    if (closed) {
      stream.endWith(new WatchException.Draining());
    }
    return stream;
  }

  /** Ends every stream when what it has taken in is answered. */
  @Override
  public void close() {
    closed = true;
    open.forEach(stream -> stream.endWith(new WatchException.Draining()));
  }
}
