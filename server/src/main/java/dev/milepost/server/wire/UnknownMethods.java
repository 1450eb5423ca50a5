package dev.milepost.server.wire;

import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes the calls of methods that the server does not have, so that they pass its interceptors.
 * They share one name: a caller must not be able to create meters or log lines of its own.
 */
final class UnknownMethods extends HandlerRegistry {
  /** Name of every unknown method. */
  static final String NAME = "unknown/unknown";

  private static final int MAX_SHOWN = 128;

  UnknownMethods() {}

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
    RequestException failure = new RequestException.UnknownMethod(shown(method));
    return ServerMethodDefinition.create(
        MethodDescriptor.newBuilder(new NoMarshaller(), new NoMarshaller())
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(NAME)
            .setSchemaDescriptor(failure)
            .build(),
        (call, headers) -> {
          throw failure;
        });
  }

  private static String shown(String method) {
    String start = method.substring(0, Math.min(method.length(), MAX_SHOWN));
    return start.replaceAll("[^A-Za-z0-9._/-]", "?") + (start.equals(method) ? "" : "...");
  }

  /** Throws if a call is of an unknown method. */
  static void refuse(ServerCall<?, ?> call) {
    if (call.getMethodDescriptor().getSchemaDescriptor() instanceof RequestException failure) {
      throw failure;
    }
  }

  /** Reads nothing. */
  private static final class NoMarshaller implements MethodDescriptor.Marshaller<Object> {
    @Override
    public InputStream stream(Object value) {
      return InputStream.nullInputStream();
    }

    @Override
    public Object parse(InputStream stream) {
      return this;
    }
  }
}
