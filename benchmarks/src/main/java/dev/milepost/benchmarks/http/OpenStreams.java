package dev.milepost.benchmarks.http;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Watches of one job, each on a connection of its own, that stay open. */
interface OpenStreams extends AutoCloseable {
  /** Opens one more, and waits for its first bytes. */
  void open() throws IOException;

  @Override
  void close() throws IOException;

  /** Watches as server-sent events over HTTP/1.1. */
  static OpenStreams http(URI server, String jobId) {
    List<Socket> open = new ArrayList<>();
    String request =
        "GET /v1/jobs/%s:watch HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nx-milepost-user: reader\r\n\r\n"
            .formatted(jobId);
    return new OpenStreams() {
      @Override
      public void open() throws IOException {
        Socket socket = new Socket();
        open.add(socket);
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String status =
            new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        if (!status.endsWith("200")) {
          throw new IOException("the stream was refused: " + status);
        }
      }

      @Override
      public void close() throws IOException {
        for (Socket socket : open) {
          socket.close();
        }
      }
    };
  }

  /** Watches by gRPC. */
  static OpenStreams grpc(String server, String jobId) {
    List<Connection> open = new ArrayList<>();
    return new OpenStreams() {
      @Override
      public void open() throws IOException {
        Connection connection = new Connection(server, "reader");
        open.add(connection);
        CompletableFuture<Void> first = new CompletableFuture<>();
        JobServiceGrpc.newStub(connection.channel())
            .watchJob(
                WatchJobRequest.newBuilder().setJobId(jobId).build(), new FirstMessage(first));
        try {
          first.join();
        } catch (CompletionException e) {
          throw new IOException("the stream was refused", e.getCause());
        }
      }

      @Override
      public void close() {
        open.forEach(Connection::close);
      }
    };
  }

  /** Waits for the first message, and ignores all others. */
  record FirstMessage(CompletableFuture<Void> first) implements StreamObserver<WatchJobResponse> {
    @Override
    public void onNext(WatchJobResponse message) {
      first.complete(null);
    }

    @Override
    public void onError(Throwable reason) {
      first.completeExceptionally(reason);
    }

    @Override
    public void onCompleted() {
      first.completeExceptionally(new IOException("the stream has ended"));
    }
  }
}
