package dev.milepost.spring;

import dev.milepost.client.JobClientBuilder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Applies the properties to a client. */
final class ClientSettings {
  private ClientSettings() {}

  static void apply(MilepostProperties properties, JobClientBuilder builder) {
    builder.callTimeout(properties.getCallTimeout());
    applyCaller(properties, builder);
    if (Boolean.TRUE.equals(properties.getTls())) {
      builder.tls();
    } else if (Boolean.FALSE.equals(properties.getTls())) {
      builder.plaintext();
    }
    if (properties.getTrust() != null) {
      builder.trust(properties.getTrust());
    }
    applyCertificate(properties.getCertificate(), properties.getKey(), builder);
  }

  private static void applyCaller(MilepostProperties properties, JobClientBuilder builder) {
    if (properties.getToken() != null) {
      builder.token(properties.getToken());
    }
    if (properties.getUser() != null) {
      builder.user(properties.getUser());
    }
    if (properties.getTenant() != null) {
      builder.tenant(properties.getTenant());
    }
  }

  private static void applyCertificate(
      @Nullable Path certificate, @Nullable Path key, JobClientBuilder builder) {
    if (certificate != null && key != null) {
      builder.clientCertificate(certificate, key);
    } else if (certificate != null || key != null) {
      throw new IllegalStateException(
          "milepost.certificate and milepost.key belong together. Set both, or neither.");
    }
  }
}
