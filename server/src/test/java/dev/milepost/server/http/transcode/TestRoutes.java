package dev.milepost.server.http.transcode;

import com.google.longrunning.OperationsGrpc;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.stream.Stream;

/** The routes of the contract, for tests. */
public final class TestRoutes {
  static final Routes ALL = Routes.of(services());

  private TestRoutes() {}

  /** Returns the services that have routes. */
  public static List<ServiceDescriptor> services() {
    return List.of(
        JobServiceGrpc.getServiceDescriptor(),
        WorkerServiceGrpc.getServiceDescriptor(),
        TaskServiceGrpc.getServiceDescriptor(),
        AdminServiceGrpc.getServiceDescriptor(),
        OperationsGrpc.getServiceDescriptor());
  }

  /**
   * A route, as a client sees it.
   *
   * @param rpc its full name
   * @param verb the HTTP method
   * @param path with {@code none} as the value of each variable
   * @param hasBody whether a request has a body
   * @param streamsRequests whether the client would have to send a stream
   * @param streamsResponses whether the response is a stream
   */
  public record Call(
      String rpc,
      String verb,
      String path,
      boolean hasBody,
      boolean streamsRequests,
      boolean streamsResponses) {}

  /** Returns every route. */
  public static Stream<Call> calls() {
    return ALL.all().stream()
        .map(
            route ->
                new Call(
                    route.rpc().method().getFullMethodName(),
                    route.verb(),
                    "/"
                        + String.join("/", route.path().segments()).replaceAll("\\*+", "none")
                        + (route.path().verb().isEmpty() ? "" : ":" + route.path().verb()),
                    route.hasBody(),
                    route.rpc().streamsRequests(),
                    route.rpc().streamsResponses()));
  }
}
