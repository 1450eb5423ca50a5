package dev.milepost.spring;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobClientBuilder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Provides the client of an application, and the worker that runs its handlers. */
@AutoConfiguration(after = EmbeddedServerAutoConfiguration.class)
@EnableConfigurationProperties(MilepostProperties.class)
public class MilepostAutoConfiguration {
  /** Called by Spring. */
  public MilepostAutoConfiguration() {}

  /** Provides the client; it is closed with the application, after the worker. */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  JobClient milepostClient(
      MilepostProperties properties,
      ObjectProvider<EmbeddedServer> embedded,
      ObjectProvider<JobClientCustomizer> customizers) {
    EmbeddedServer server = embedded.getIfAvailable();
    JobClientBuilder builder =
        JobClient.builder(server == null ? properties.getTarget() : server.target());
    ClientSettings.apply(properties, builder);
    customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
    return builder.build();
  }

  /** Static, so that beans are searched from the first one on. */
  @Bean
  static HandlerMethods milepostHandlerMethods() {
    return new HandlerMethods();
  }

  /** Provides the worker. */
  @Bean
  @ConditionalOnProperty(
      name = "milepost.worker.enabled",
      havingValue = "true",
      matchIfMissing = true)
  @ConditionalOnBean(JobClient.class)
  WorkerLifecycle milepostWorker(
      JobClient client,
      HandlerMethods methods,
      MilepostProperties properties,
      ObjectProvider<WorkerCustomizer> customizers) {
    return new WorkerLifecycle(
        client, methods, properties.getWorker(), customizers.orderedStream().toList());
  }
}
