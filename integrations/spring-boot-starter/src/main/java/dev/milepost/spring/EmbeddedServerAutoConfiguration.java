package dev.milepost.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.util.ClassUtils;

/** Starts a server inside the application if {@code milepost.embedded} is true. */
@AutoConfiguration
@EnableConfigurationProperties(MilepostProperties.class)
@ConditionalOnProperty(name = "milepost.embedded", havingValue = "true")
public class EmbeddedServerAutoConfiguration {
  private static final String SERVER = "dev.milepost.server.MilepostServer";

  /** Called by Spring. */
  public EmbeddedServerAutoConfiguration() {}

  /** Provides the server. */
  @Bean(destroyMethod = "close")
  EmbeddedServer milepostServer(MilepostProperties properties, ApplicationContext application) {
    if (!ClassUtils.isPresent(SERVER, application.getClassLoader())) {
      throw new IllegalStateException(
          "milepost.embedded=true needs the server in the application: add a dependency on"
              + " dev.milepost:milepost-server.");
    }
    return EmbeddedServer.start(properties.getServer());
  }
}
