package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.longrunning.OperationsGrpc;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.app.ServerReports;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The service config that is shipped with the contract. */
class ServiceConfigTest {
  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          JobServiceGrpc.getServiceDescriptor(),
          WorkerServiceGrpc.getServiceDescriptor(),
          TaskServiceGrpc.getServiceDescriptor(),
          AdminServiceGrpc.getServiceDescriptor(),
          OperationsGrpc.getServiceDescriptor());

  private final Map<String, ?> config = config();
  private final AtomicInteger calls = new AtomicInteger();
  private final Server server = server();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("localhost", server.getPort())
          .usePlaintext()
          .disableServiceConfigLookUp()
          .defaultServiceConfig(config)
          .build();

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private static Map<String, ?> config() {
    Struct.Builder json = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(ServerReports.SERVICE_CONFIG, json);
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
    return map(json.build());
  }

  /** Returns JSON as gRPC wants it: maps, lists, strings, doubles and booleans. */
  private static Map<String, ?> map(Struct struct) {
    return struct.getFieldsMap().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> value(entry.getValue())));
  }

  private static Object value(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> map(value.getStructValue());
      case LIST_VALUE ->
          value.getListValue().getValuesList().stream().map(ServiceConfigTest::value).toList();
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> value.getNumberValue();
      case BOOL_VALUE -> value.getBoolValue();
      case NULL_VALUE, KIND_NOT_SET -> throw new AssertionError(value);
    };
  }

  /** Is unavailable twice, then answers. */
  private Server server() {
    try {
      return NettyServerBuilder.forAddress(new InetSocketAddress("localhost", 0))
          .addService(
              new JobServiceGrpc.JobServiceImplBase() {
                @Override
                public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> out) {
                  answer(out, GetJobResponse.getDefaultInstance());
                }

                @Override
                public void createJob(
                    CreateJobRequest request, StreamObserver<CreateJobResponse> out) {
                  answer(out, CreateJobResponse.getDefaultInstance());
                }
              })
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> void answer(StreamObserver<T> out, T response) {
    if (calls.incrementAndGet() <= 2) {
      out.onError(Status.UNAVAILABLE.asException());
    } else {
      out.onNext(response);
      out.onCompleted();
    }
  }

  @Test
  void namesOnlyMethodsThatExistEachOnce() {
    Set<String> known =
        SERVICES.stream()
            .flatMap(service -> service.getMethods().stream())
            .map(MethodDescriptor::getFullMethodName)
            .collect(Collectors.toSet());
    Set<String> named = new HashSet<>();
    for (Map<String, ?> entry : list(config.get("methodConfig"))) {
      for (Map<String, ?> name : list(entry.get("name"))) {
        if (name.get("method") == null) {
          assertThat(SERVICES)
              .extracting(ServiceDescriptor::getName)
              .contains("" + name.get("service"));
        } else {
          String method = name.get("service") + "/" + name.get("method");
          assertThat(known).contains(method);
          assertThat(named.add(method)).as(method).isTrue();
        }
      }
    }
    assertThat(named).hasSizeGreaterThan(20);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, ?>> list(Object value) {
    return (List<Map<String, ?>>) value;
  }

  @Test
  void repeatsReads() {
    assertThat(JobServiceGrpc.newBlockingStub(channel).getJob(GetJobRequest.getDefaultInstance()))
        .isEqualTo(GetJobResponse.getDefaultInstance());
    assertThat(calls).hasValue(3);
  }

  @Test
  void doesNotRepeatWhatIsOnlySafeWithARequestId() {
    assertThatThrownBy(
            () ->
                JobServiceGrpc.newBlockingStub(channel)
                    .createJob(CreateJobRequest.getDefaultInstance()))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(calls).hasValue(1);
  }
}
