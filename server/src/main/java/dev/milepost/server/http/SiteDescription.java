package dev.milepost.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Values;

/**
 * What a browser needs to know of the server before it has a credential. Nothing in it is secret.
 *
 * @param version of the server
 * @param grpc the address of the gRPC port
 * @param basePath path before all paths of the site, such as {@code /milepost}; empty if there is
 *     none
 * @param isDevelopment whether callers are believed without proof
 */
public record SiteDescription(String version, String grpc, String basePath, boolean isDevelopment) {

  /** Returns the description for the page, as a JSON object. */
  String json() {
    Struct text =
        Struct.newBuilder()
            .putFields("version", Values.of(version))
            .putFields("grpc", Values.of(grpc))
            .putFields("development", Values.of(isDevelopment))
            .build();
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(text) + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("A Struct of texts can always be printed.", e);
    }
  }
}
